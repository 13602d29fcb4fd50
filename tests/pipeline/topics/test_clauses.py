"""Clauses: where a sentence that praises one thing and criticises another is cut."""

import itertools

import pytest

from pipeline.topics.clauses import split_clauses

SENTENCES = [
    "방은 작지만 | 깨끗해요",
    "방은 깨끗한데 | 주차가 불편해요",
    "위치는 좋으나 | 방음이 안 돼요",
    "조식은 별로였지만 | 직원분들은 친절했어요",
    "위치 좋고 | 직원 친절하고 | 방도 넓어요",
    "뷰도 좋고 | 침대도 편했습니다",
    "역에서 가까워서 좋은데 | 밤에는 시끄러워요",
    "배송은 빠르며 | 포장도 꼼꼼했습니다",
    "화면은 크면서 | 무게는 가벼워요",
    "서버는 불안정하지만 | 게임은 재밌음",
    "배송 빨라요. | 포장은 엉망이네요.",
    "방이 넓어요! | 화장실은 좁아요!",
    "맛은 있어요... | 근데 양이 적어요",
    "맛있어요ㅋㅋㅋ | 양은 적어요ㅠㅠ",
    "사장님이 친절해요 ~ | 음식도 맛있고 | 양도 많아요",
    "배송이 빠르네요 | 색상도 예뻐요",
    "포장이 꼼꼼했어요 | 맛은 별로예요",
    "주차 자리가 없음 | 관리비는 비쌈",
    "엘리베이터가 느려요 | 계단으로 다녀요",
    "소음이 심합니다 | 잠을 못 잡니다",
    "체크인이 늦었습니다만 방은 좋았습니다 | 또 가고 싶어요",
    "가격이 저렴하니까 자주 이용하는 편이고 | 맛도 괜찮아요",
    "층간소음이 너무 심해서 | 밤마다 잠을 못 자요",
    "방음이 안돼서 힘들었어요",
    "창문이 커서 시원해요",
    "다시 가고 싶은 호텔입니다",
    "음악을 틀고 있으면 윗집에서 항의해요",
    "최고의 숙소입니다",
    "광고 때문에 앱을 지웠어요",
    "사고 없이 잘 도착했어요",
    "냉장고 소리가 커요 | 잠을 설쳤어요",
    "직원이 예약이 없다고 말했어요",
    "조식, 수영장, 뷰 모두 만족합니다",
    "직원도 친절하고, | 방도 깨끗하고, | 위치도 좋아요",
    "버스는 자주 오는데 | 지하철은 멀어요",
    "밤에는 조용한 편인데 | 낮에는 공사 소리가 커요",
    "3.5점 정도 줄 만한 숙소예요",
    "좋아요",
    "주차 최악",
    "방도 깔끔하고..| 다음에 또 올게요",
    "재구매 좋아요.| 아이가 좋아해요",
    "핵만 없으면 재밌죠 | 서버도 좋고요",
    "관리소장님이 친절하시고 | 눈도 바로 치워 줘요",
    "그래픽은 좋은데 | 최적화가 별로임 | 환불했음",
    "누수 때문에 벽지가 젖었는데 | 관리실은 모른대요",
    "유심 배송이 빨랐어요 | 개통도 쉬웠습니다",
]


@pytest.mark.parametrize("marked", SENTENCES)
def test_a_sentence_is_cut_at_the_marks(marked: str) -> None:
    parts = [part.strip() for part in marked.split("|")]
    glued = marked.replace(".| ", ".").replace(".|", ".")
    text = glued.replace(" | ", " ")
    assert [text[span.begin : span.end] for span in split_clauses(text)] == parts


@pytest.mark.parametrize(
    "text", ["", "   ", "ㅋㅋㅋ", "!!!", "방은 작지만 깨끗해요 ㅎㅎ 또 올게요"]
)
def test_clauses_cover_all_words_in_order(text: str) -> None:
    spans = split_clauses(text)
    covered = "".join(text[span.begin : span.end] for span in spans)
    assert covered.replace(" ", "") == text.replace(" ", "")
    assert all(left.end <= right.begin for left, right in itertools.pairwise(spans))
