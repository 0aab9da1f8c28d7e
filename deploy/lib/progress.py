"""progress.py: tells a human what is happening.

On a terminal one line is updated in place and milestones scroll above it;
elsewhere plain lines are printed, the running figures every few seconds.
"""
import sys
import time

PLAIN_EVERY = 5.0


class Progress:
    def __init__(self, quiet=False, out=sys.stderr):
        self.out = out
        self.quiet = quiet
        self.begin = time.monotonic()
        self.terminal = out.isatty()
        self.last = 0.0
        self.width = 0

    def elapsed(self):
        return time.monotonic() - self.begin

    def _stamp(self, text):
        return "[%5.1f s] %s" % (self.elapsed(), text)

    def _clear(self):
        if self.terminal and self.width:
            self.out.write("\r" + " " * self.width + "\r")
            self.width = 0

    def milestone(self, text):
        """Something happened: a line that stays."""
        if self.quiet:
            return
        self._clear()
        self.out.write(self._stamp(text) + "\n")
        self.out.flush()

    def update(self, text):
        """Running figures."""
        now = time.monotonic()
        if self.quiet or now - self.last < (0.2 if self.terminal else PLAIN_EVERY):
            return
        self.last = now
        if not self.terminal:
            self.out.write(self._stamp(text) + "\n")
        else:
            line = self._stamp(text)
            self.out.write("\r" + line.ljust(self.width))
            self.width = len(line)
        self.out.flush()

    def done(self):
        self._clear()
