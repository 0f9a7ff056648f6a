"""Who lives here and who works here: numbers for households, names only for staff (invented)."""

import random
from typing import Final

from sample_sites.generator.blocks import Block
from sample_sites.generator.plan import Layout
from twin.model.base import Text
from twin.model.registers import Household, StaffMember

ELDERLY_SHARE: Final = 0.04
VACANT_SHARE: Final = 0.06
TENANT_SHARE: Final = 0.22


def _home(rng: random.Random, household_id: str, space: str) -> Household:
    chance = rng.random()
    if chance < VACANT_SHARE:
        return Household(id=household_id, space=space, tenure="vacant", residents=0)
    if chance < VACANT_SHARE + ELDERLY_SHARE:
        return Household(id=household_id, space=space, tenure="owner", residents=1, elderly_alone=True)
    residents = rng.choices((1, 2, 3, 4, 5), weights=(12, 30, 32, 18, 8))[0]
    tenant = rng.random() < TENANT_SHARE
    cars = rng.choices((0, 1, 2), weights=(45, 48, 7))[0] if residents > 1 else rng.choices((0, 1), weights=(7, 3))[0]
    return Household(
        id=household_id, space=space, tenure="tenant" if tenant else "owner", residents=residents, cars=cars
    )  # fmt: skip


def households(layout: Layout, low: dict[str, Block], seed: int) -> tuple[Household, ...]:
    """A household for every flat and shop; one elderly person alone in 4 % of the flats, at least one in a tower."""
    rng = random.Random(f"households {seed}")
    found: list[Household] = []
    for tower in layout.towers:
        flats = [
            (f"h-t{tower.number}-{n}{k:02d}", f"{tower.id}/f{n}/{n}{k:02d}")
            for n in range(1, tower.storeys + 1)
            for k in range(1, tower.flats + 1)
        ]
        homes = [_home(rng, household_id, space) for household_id, space in flats]
        if not any(h.elderly_alone for h in homes):
            k = rng.randrange(len(homes))
            homes[k] = Household(id=homes[k].id, space=homes[k].space, residents=1, elderly_alone=True)
        found += homes
    for block in (low["shops-west"], low["shops-east"]):
        found += [
            Household(id=f"shop-{room.key}", space=block.space_id(room.key), tenure="shop", residents=2)
            for room in block.south
        ]
    return tuple(found)


_STAFF: Final = (
    ("chen-jianguo", "陈建国", "Chen Jianguo", "manager", ("management", "emergency"), "office"),
    ("lin-min", "林敏", "Lin Min", "planner", ("planning", "data"), "office"),
    ("zhou-fang", "周芳", "Zhou Fang", "dispatcher", ("dispatch", "customer"), "hall"),
    ("wu-ting", "吴婷", "Wu Ting", "dispatcher", ("dispatch", "customer"), "hall"),
    ("huang-wei", "黄伟", "Huang Wei", "duty", ("fire-control", "security"), "monitoring"),
    ("xu-lei", "徐磊", "Xu Lei", "duty", ("fire-control", "security"), "monitoring"),
    ("sun-hao", "孙浩", "Sun Hao", "duty", ("fire-control", "security"), "monitoring"),
    ("ma-chao", "马超", "Ma Chao", "duty", ("fire-control", "security"), "monitoring"),
    ("zhang-yong", "张勇", "Zhang Yong", "technician", ("water", "plumbing", "pumps"), "storage"),
    ("li-qiang", "李强", "Li Qiang", "technician", ("water", "plumbing", "drainage"), "storage"),
    ("wang-tao", "王涛", "Wang Tao", "technician", ("electricity", "lighting", "charging"), "storage"),
    ("liu-bin", "刘斌", "Liu Bin", "technician", ("electricity", "fire"), "storage"),
    ("zhao-gang", "赵刚", "Zhao Gang", "technician", ("lift",), "storage"),
    ("yang-fan", "杨帆", "Yang Fan", "technician", ("network", "security", "access"), "data"),
    ("hu-jun", "胡军", "Hu Jun", "security", ("security", "patrol"), "gate-south"),
    ("guo-liang", "郭亮", "Guo Liang", "security", ("security", "patrol"), "gate-south"),
    ("he-long", "何龙", "He Long", "security", ("security", "patrol", "parking"), "gate-north"),
    ("gao-ming", "高明", "Gao Ming", "security", ("security", "parking"), "gate-south"),
    ("luo-yan", "罗燕", "Luo Yan", "cleaner", ("cleaning", "waste"), "refuse"),
    ("tang-mei", "唐梅", "Tang Mei", "cleaner", ("cleaning", "waste"), "refuse"),
    ("deng-hua", "邓华", "Deng Hua", "gardener", ("garden", "irrigation"), "storage"),
    ("feng-xia", "冯霞", "Feng Xia", "care", ("care", "first-aid"), "care"),
    ("song-jie", "宋洁", "Song Jie", "care", ("care", "first-aid"), "care"),
)


def staff(low: dict[str, Block]) -> tuple[StaffMember, ...]:
    """The people of the property service; telephone numbers are of the estate's own exchange."""
    special = {
        "gate-south": low["gatehouse-south"].space_id("room"),
        "gate-north": low["gatehouse-north"].space_id("room"),
        "refuse": low["refuse"].space_id("sorting"),
    }
    return tuple(
        StaffMember.model_validate(
            {
                "id": staff_id,
                "name": Text(zh=zh, en=en),
                "role": role,
                "skills": skills,
                "phone": f"8{k:03d}",
                "base": special.get(base) or low["service"].space_id(base),
            }
        )
        for k, (staff_id, zh, en, role, skills, base) in enumerate(_STAFF, 1)
    )
