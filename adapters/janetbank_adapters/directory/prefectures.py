"""The prefectures of Japan in their customary order, which is that of their codes 01 to 47 (JIS X 0401)."""

from collections.abc import Iterable, Sequence

PREFECTURES = (
    *("北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県"),
    *("茨城県", "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県"),
    *("新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県"),
    *("岐阜県", "静岡県", "愛知県", "三重県"),
    *("滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県"),
    *("鳥取県", "島根県", "岡山県", "広島県", "山口県"),
    *("徳島県", "香川県", "愛媛県", "高知県"),
    *("福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県"),
)

_CODES = {name: code for code, name in enumerate(PREFECTURES, start=1)}


def in_customary_order(names: Iterable[str]) -> Sequence[str]:
    """*names* in the order of their codes; whatever is no prefecture stands behind, by name."""
    return sorted(names, key=lambda name: (_CODES.get(name, len(_CODES) + 1), name))
