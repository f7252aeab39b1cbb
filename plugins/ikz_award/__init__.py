"""Publishing pipeline of the Landespreis für innovative interkommunale Zusammenarbeit."""

__version__ = "0.1.0"
