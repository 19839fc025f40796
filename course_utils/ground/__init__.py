"""The ground that paths walk on: from above, from the side, and under a lens."""
