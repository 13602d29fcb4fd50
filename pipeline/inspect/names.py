"""What the names that sites give to values say: whether they are the review's own values."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[가-힣]+")
_PERSON = re.compile(
    "member|user|author|writer|customer|buyer|purchaser|reviewer|creator|register(?=er|id|no)|nick"
    "|profile|account|guest|person|traveler|회원|작성자|고객|구매자|글쓴이|닉네임|아이디"
)
_PERSON_WORDS = frozenset({"mb", "mem", "mbr", "usr", "cust", "uid", "from", "by"})
_REPLY = re.compile("repl(?:y|ies)|answer|답변|답글|사장|판매자|관리자|운영자|점주|업주|호스트")
_REPLY_WORDS = frozenset(
    {
        *("owner", "seller", "manager", "mgr", "admin", "administrator", "ceo", "boss", "host"),
        *("response", "responses", "management", "merchant", "vendor", "sajang", "sajangnim"),
    }
)
_SHOP_WORDS = frozenset({"shop", "store", "biz", "business", "company", "brand"})
_COMMENT_WORDS = frozenset({"comment", "comments", "cmt", "message", "memo"})
_ABOUT_REPLIES = frozenset({"has", "with"})
"""Words of names that say whether there is a reply: ``has-reply``, ``review-with-reply``."""
_THING = re.compile(
    "product|goods|hotel|accommodation|restaurant|place|branch|order|category|option|image|photo"
    "|picture|file|coupon|상품|제품|매장|숙소|업체|주문"
)
_THING_WORDS = _SHOP_WORDS | {"item", "items", "room", "prd", "prod", "sku", "img", "ord", "menu"}
_TEXT = re.compile("review(?!er)|rvw|comment|opinion|text|content|리뷰|후기|의견|상품평")
"""What a name ends with that is not that of a person or thing: ``userReview``."""


def words(name: str) -> list[str]:
    """The words of a name, in lower case: ``reviewNo``, ``review_no``, ``data-review-no``."""
    return [word.lower() for word in _WORD.findall(name)]


def is_of_other(name: str) -> bool:
    """Whether a name is that of a person, of what is reviewed, of its shop or of a picture."""
    found = words(name)
    plain = "".join(found)
    named = [*_PERSON.finditer(plain), *_THING.finditer(plain)]
    is_other = bool(named) or not (_PERSON_WORDS | _THING_WORDS).isdisjoint(found)
    return is_other and not _TEXT.search(plain, max((one.end() for one in named), default=0))


def is_of_person(name: str) -> bool:
    """Whether a name is that of a person or of something that a person has."""
    found = words(name)
    return bool(_PERSON.search("".join(found))) or not _PERSON_WORDS.isdisjoint(found)


def is_of_reply(name: str) -> bool:
    """Whether a name is that of an answer to a review, or of the person who answers."""
    found = words(name)
    if not _ABOUT_REPLIES.isdisjoint(found) or found[:1] == ["no"]:
        return False
    of_shop = not _SHOP_WORDS.isdisjoint(found) and not _COMMENT_WORDS.isdisjoint(found)
    return bool(_REPLY.search("".join(found))) or of_shop or not _REPLY_WORDS.isdisjoint(found)
