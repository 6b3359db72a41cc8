"""Files of spreadsheets: their cells, their sheets and columns, and writing them back with what is wrong."""
