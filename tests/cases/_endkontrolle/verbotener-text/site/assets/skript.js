// Frau Erfunden-Geheim
