"""What changed, for programs and feed readers: made of the log and the releases that it names, without a clock.

changes.jsonl        every release that was ever published, in the order of the log, each line chained to the one
before it by hash: what a remembered head is looked up in                `history`
changes.json         the head, the newest lines, and breaking changes that are announced      `made`
feed.atom            the newest releases of all datasets                                      `atom`
<name>/feed.atom     the releases of one dataset, and what changed in each                    `atom`
catalogue-1.schema.json  the JSON Schema of catalogue.json
llms.txt             a plain index of what there is and how to read it                        `plain`
"""

from pipelines.feeds.made import feeds

__all__ = ["feeds"]
