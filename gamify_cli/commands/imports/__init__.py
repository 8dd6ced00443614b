"""Files of participants and events: read, checked and imported in bounded memory."""
