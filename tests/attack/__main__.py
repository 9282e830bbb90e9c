"""Attack as many random surveys, and as many schemes over ten months, as the first argument says."""

import random
import sys

from tests.attack.campaign import attack_surveys
from tests.attack.money import attack_many

SEED = 2026


def main(number: int) -> int:
    """Print the figures. Returns 1 where something was found out, or too much hidden."""
    findings = attack_surveys(number, random.Random(SEED))
    estimates = attack_many(number, random.Random(SEED))
    groups = 100 * findings.large_groups_shown / findings.large_groups
    tables = 100 * findings.large_tables_shown / findings.large_tables
    money = 100 * estimates.shown_pence / estimates.paid_pence
    print(f"{number:,} surveys, {findings.bounded:,} hidden numbers; {estimates.estimated:,} sums of a person's money.")
    print(f"Recovered: {len(findings.recovered)}. Unanimous: {len(findings.unanimous)}. Money: {len(estimates.close)}.")
    print(
        f"Shown of groups of 20 and more: {groups:.1f} %, of their tables: {tables:.1f} %; of the money: {money:.1f} %."
    )
    for line in [*findings.recovered, *findings.unanimous, *estimates.close][:20]:
        print(line)
    return 1 if findings.recovered or findings.unanimous or estimates.close or groups < 90 else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
