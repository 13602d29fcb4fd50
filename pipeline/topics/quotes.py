"""Short pieces of reviews that praise or criticise a topic."""

from __future__ import annotations

import numpy as np

from pipeline.topics.clauses import Span
from pipeline.topics.documents import Documents
from pipeline.topics.judge import UNDECIDED, Judgements, to_probabilities
from pipeline.topics.records import Quote
from pipeline.topics.terms import Occurrences

MOST = 3
"""Maximum number of quotes of a topic on each side (praise and complaints)."""
TRIED = 30
LONGEST = 120
"""Maximum number of characters of a quote, without the marks where it was cut."""
SHORTEST = 10
CUT = "…"


class Quotes:
    """Chooses quotes for topics.

    Args:
        documents: The texts.
        found: Occurrences of topics.
        judged: Judgements of the occurrences.
    """

    def __init__(self, documents: Documents, found: Occurrences, judged: Judgements) -> None:
        self._documents, self._found, self._judged = documents, found, judged
        order = np.argsort(found.ids, kind="stable")
        bounds = np.cumsum(np.bincount(found.ids, minlength=len(found.names)))[:-1]
        self._places = np.split(order, bounds)

    def of(self, topic: int, *, praise: bool) -> tuple[Quote, ...]:
        """The clearest quotes of one topic on one side, all of different reviews and wordings."""
        places = self._places[topic]
        logits = self._judged.logits[places] * (1 if praise else -1)
        places = places[np.argsort(-logits, kind="stable")][: np.count_nonzero(logits > UNDECIDED)]
        chosen: list[Quote] = []
        seen: set[object] = set()
        for place in sorted(places[:TRIED].tolist(), key=self._says_little):
            text = int(self._found.texts[place])
            begin = int(self._found.begins[place])
            piece = _piece(self._documents.texts[text], self._judged.clauses[place], begin)
            marks = self._documents.reviews[text], self._documents.texts[text][slice(*piece)]
            if seen.isdisjoint(marks):
                seen.update(marks)
                chosen.append(self._quote(place, piece))
            if len(chosen) == MOST:
                break
        return tuple(chosen)

    def _says_little(self, place: int) -> bool:
        clause = self._judged.clauses[place]
        return clause.end - clause.begin < SHORTEST

    def _quote(self, place: int, piece: Span) -> Quote:
        documents, found = self._documents, self._found
        text, topic = int(found.texts[place]), found.ids[place]
        words = documents.texts[text]
        left = CUT if piece.begin > 0 else ""
        right = CUT if piece.end < len(words) else ""
        within = slice(*np.searchsorted(found.texts, [text, text + 1]))
        shift = len(left) - piece.begin
        spans = tuple(
            (begin + shift, end + shift)
            for one, begin, end in zip(
                found.ids[within].tolist(),
                found.begins[within].tolist(),
                found.ends[within].tolist(),
                strict=True,
            )
            if one == topic and begin >= piece.begin and end <= piece.end
        )
        rating = float(documents.ratings[text])
        return Quote(
            source=documents.sources[text],
            review_id=documents.review_ids[text],
            aspect=documents.aspects[text],
            group=documents.group_names[text] or documents.groups[text],
            date=documents.dates[text],
            rating=None if np.isnan(rating) else rating,
            positive=round(float(to_probabilities(self._judged.logits[place])), 4),
            text=f"{left}{words[slice(*piece)]}{right}",
            spans=spans,
        )


def _piece(text: str, clause: Span, mention: int) -> Span:
    """The clause; of a long clause, the part around the mention, cut at spaces."""
    begin, end = clause
    if end - begin <= LONGEST:
        return clause
    begin = max(begin, mention - LONGEST // 2)
    end = min(end, begin + LONGEST)
    if begin > clause.begin:
        begin = text.find(" ", begin, mention) + 1 or begin
    if end < clause.end:
        last = text.rfind(" ", mention, end)
        end = last if last > mention else end
    return Span(begin, end)
