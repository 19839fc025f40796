"""What a page shows: pictures, controls over them, and how both get there."""
