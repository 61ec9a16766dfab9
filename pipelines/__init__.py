"""The open-data pipeline: departments' deliveries in, checked data packages out.

Read it in this order: `definitions`, `assets`, `night`, then one room per step of the flow
(`intake`, `reading`, `contract`, `store`, `release`, `catalogue`).
"""
