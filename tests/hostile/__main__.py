from tests.hostile.measure import table

table()
