"""The checker over real files: `make acceptance` compares what it finds with what is committed.

python -m tests.acceptance [FOLDER …]              compare; files are known by their hash and never copied in here
python -m tests.acceptance --accept REASON [FOLDER …]   keep what is found now, and why it changed
"""
