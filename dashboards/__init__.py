"""What draws the warehouse's results."""
