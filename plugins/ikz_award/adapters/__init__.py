"""Doors to hosts. The core knows none of them."""
