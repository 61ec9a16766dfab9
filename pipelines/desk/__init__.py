"""How a department meets the check: its workbook with the places marked, a page that is a pleasure to read, a desk."""
