"""What follows from how much of a budget is spent: orders as values, which others carry out."""
