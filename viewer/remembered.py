"""Answers kept for a while: the few asked for last."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """The answers to the latest questions; asking again keeps an answer.

    Examples
    --------
    >>> squares = Remembered[int](most=2)
    >>> [squares.get(n, lambda n=n: n * n) for n in (2, 3, 2)], squares.get(2, lambda: 0)
    ([4, 9, 4], 4)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, question: Hashable, work_out: Callable[[], Answer]) -> Answer:
        """The answer to a question, worked out where it is not known; two who ask at once may both work it out."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                return self._answers[question]
        answer = work_out()
        with self._lock:
            self._answers[question] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return answer
