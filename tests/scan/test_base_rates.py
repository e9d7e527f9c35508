"""Base rates: of numbers that are nobody's few pass, and none is sure; of a register's nearly all are high."""
import collections
import random

import gallra

SEED = 20260101
NATIONAL = ("personnummer", "reserve_id", "foreign_id")


def luhn_digit(digits):
    total = 0
    for i, d in enumerate(reversed(digits)):
        product = int(d) * (2 if i % 2 == 0 else 1)
        total += product - 9 if product > 9 else product
    return str(-total % 10)


def date(rng, first, last, form="%04d%02d%02d"):
    return form % (rng.randint(first, last), rng.randint(1, 12), rng.randint(1, 28))


class BaseRates(gallra.Case):
    def bands(self, rows, name="tal.csv"):
        """Counts of (category, band) over one file, low ones past the limit included in none."""
        folder = self.dir / "in"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
        db = self.dir / f"{name}.db"
        gallra.run("scan", folder, "--db", db)
        (folder / name).unlink()
        counts = collections.Counter()
        for row in gallra.export(db, "findings"):
            counts[row["category"], row["confidence"]] += row.get("count", 1)
        return counts

    def above_low(self, counts, categories=NATIONAL):
        return sum(n for (category, band), n in counts.items() if category in categories and band != "low")

    def test_random_ten_digits(self):
        rng = random.Random(SEED)
        rows = [str(rng.randrange(10**9, 10**10)) for _ in range(1_000_000)]
        counts = self.bands(rows)
        self.assertLessEqual(sum(counts[c, "high"] for c in NATIONAL), 100)
        self.assertLessEqual(sum(counts[c, "medium"] for c in NATIONAL), 1000)
        self.assertEqual(self.above_low(counts, {"bank_account", "card", "id_document", "iban", "location"}), 0)

    def test_order_numbers(self):
        rng = random.Random(SEED + 1)
        for sign in ("", "-"):
            rows = ["Ordernummer"] + [date(rng, 10, 25, "%02d%02d%02d") + sign + "%04d" % rng.randrange(10**4)
                                      for _ in range(100_000)]
            self.assertEqual(self.above_low(self.bands(rows)), 0, sign)

    def test_clock_times_in_a_log(self):
        rng = random.Random(SEED + 2)
        rows = ["%s%02d%02d INFO jobb %d klart" % (date(rng, 2010, 2025), rng.randrange(24), rng.randrange(60), rng.randrange(900))
                for _ in range(100_000)]
        self.assertEqual(self.above_low(self.bands(rows, "server.log")), 0)

    def test_mobile_numbers(self):
        rng = random.Random(SEED + 3)
        rows = ["Telefon"] + ["07" + rng.choice("0236") + "%07d" % rng.randrange(10**7) for _ in range(100_000)]
        self.assertEqual(self.above_low(self.bands(rows)), 0)

    def test_what_is_no_number_of_a_person(self):
        rng = random.Random(SEED + 4)

        def organisation():
            nine = "%d%d%d%06d" % (rng.randint(1, 9), rng.randrange(10), rng.randint(2, 9), rng.randrange(10**6))
            return nine[:6] + "-" + nine[6:] + luhn_digit(nine)

        def guid():
            h = "%032x" % rng.getrandbits(128)
            return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))

        def ean():
            twelve = "7350%08d" % rng.randrange(10**8)
            return twelve + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(twelve)) % 10)

        def iban():
            body = "5%019d" % rng.randrange(10**19)
            return "SE%02d" % (98 - int(body + "281400") % 97) + body

        def imei():
            fourteen = "35%012d" % rng.randrange(10**12)
            return fourteen + luhn_digit(fourteen)

        kinds = {"org": organisation, "guid": guid, "ean": ean, "iban": iban, "imei": imei,
                 "decimal": lambda: "%.12f" % rng.uniform(0, 10**4), "version": lambda: ".".join(str(rng.randrange(30)) for _ in range(4)),
                 "lag": lambda: "%d:%d" % (rng.randint(1949, 2025), rng.randrange(1, 2000))}
        for name, make in kinds.items():
            counts = self.bands([make() for _ in range(20_000)], name + ".csv")
            loud = {key: n for key, n in counts.items() if key[1] != "low" and key[0] != "iban"}
            self.assertEqual(loud, {}, name)
            if name == "iban":
                self.assertGreater(counts["iban", "high"], 19_000)

    def test_a_register_of_real_form(self):
        rng = random.Random(SEED + 5)

        def number():
            day = date(rng, 1930, 2020)
            nine = day[2:] + "%03d" % rng.randint(1, 999)
            return day[:2], nine + luhn_digit(nine)

        for header in ([], ["Personnummer"]):
            for form in ("{1}", "{0}{1}", "{2}-{3}", "{0}{2}-{3}"):
                numbers = {number() for _ in range(10_000)}
                rows = header + [form.format(century, ten, ten[:6], ten[6:]) for century, ten in sorted(numbers, key=lambda n: n[1][::-1])]
                counts = self.bands(rows)
                high = counts["personnummer", "high"]
                self.assertGreaterEqual(high, 0.999 * len({ten for _, ten in numbers}), (header, form))


if __name__ == "__main__":
    gallra.main()
