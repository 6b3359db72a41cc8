"""Taking a rating: window codes, the rating page, the receipt, standing."""
