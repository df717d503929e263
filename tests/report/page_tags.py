"""The tags of a page of a report."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The tags of a page with their attributes, and the text within each kind of tag."""

    def __init__(self, text):
        super().__init__()
        self.source, self.tags, self.texts, self.open = text, [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:  # img, br and meta are never closed
            pass

    def handle_data(self, data):
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]
