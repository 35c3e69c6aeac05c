"""judge.py: one flow, in one dimension, precision and state, asked everything.

The word is the program audit's, on a design that it wrote: z, log_abs_det and
x_back of the flow there, judged by differences of z alone.  A second method
confirms what it calls wrong: the framework's derivative, differences of another
step in NumPy, the round trip the other way.  Only where both say so is the
verdict "wrong".

Verdicts
    ok          within the tolerance
    rounding    beyond audit's bound of rounding, but half of the digits of the
                format are right, which is what a round trip is asked for too
    wrong       by two methods
    open        the methods do not agree, or nothing decides it
    documented  what the documentation says of itself explains it
    not finite  NaN or infinite where x is finite
    raises      an exception, whose first line is the note
    absent      the library does not offer it

Tolerances.  Of log-det and mass: audit's, from the noise, kinks and truncation
seen in the very differences (experiments/audit/flow/decide.c).  Of the rest:
half of the digits of the format, sqrt(u) times the size of what is compared,
u = 2^-24 or 2^-53, and for a round trip 256 u |J^-1| |z| where that is more.
Of draws and of the ceiling: a level of 1e-6.
"""
import csv
import math
import os
import subprocess
import zlib

import numpy as np

UNIT = {"float32": 2.0 ** -24, "float64": 2.0 ** -53}
WRITTEN = {"float32": "%.9g", "float64": "%.17g"}
POINTS, CALLS, DRAWS, STEPS = 64, 8, 2000, 200
LEVEL = 1e-6


class Row(dict):
    """check, error, second, method, tolerance, verdict, note."""


def row(check, error=math.nan, second=math.nan, method="", tolerance=math.nan,
        verdict="ok", note=""):
    return Row(check=check, error=error, second=second, method=method,
               tolerance=tolerance, verdict=verdict, note=note)


def log_normal(z):
    return -0.5 * (z * z).sum(1) - 0.5 * z.shape[1] * math.log(2 * math.pi)


def show(x):
    return np.array2string(x, precision=5, max_line_width=10 ** 6)


def beyond(by, half):
    return not abs(worst(by)) <= half


def worst(v):
    """The entry of largest size, NaN first; 0 of none."""
    v = np.asarray(v, float).ravel()
    if v.size == 0:
        return 0.0
    return float(v[np.argmax(np.where(np.isnan(v), np.inf, np.abs(v)))])


def seed_of(*names):
    return zlib.crc32(" ".join(map(str, names)).encode()) % 2 ** 31


# Where a flow is asked.

def inside(entry, x):
    if entry.inside:
        return np.asarray(entry.inside(x), bool)
    kind = entry.domain[0]
    if kind == "box":
        return ((x > entry.domain[1]) & (x < entry.domain[2])).all(1)
    if kind == "above":
        return (x > entry.domain[1]).all(1)
    return np.ones(len(x), bool)


def draw(entry, where, n, d, rng):
    if entry.points:
        return entry.points(n, d, rng)
    x = rng.normal(size=(n, d))
    kind = entry.domain[0]
    if kind == "box":
        low, high = entry.domain[1:]
        return low + (high - low) / (1 + np.exp(-x))
    if kind == "above":
        return entry.domain[1] + np.exp(x / 2)
    if where == "N(0,100)":
        return 10 * x
    if where == "edge":
        sign = np.where(rng.random((n, d)) < 0.5, -1, 1)
        off = (0.03 + 0.09 * rng.random((n, d))) * np.where(
            rng.random((n, d)) < 0.5, -1, 1)
        return sign * entry.box * (1 + off)  # no stencil holds the edge
    return x


def places(entry):
    line = entry.domain[0] == "line" and not entry.points
    return (["N(0,1)"] + (["N(0,100)"] if line else []) +
            (["edge"] if line and entry.box else []))


def check_name(check, where):
    return check if where == "N(0,1)" else "%s, %s" % (check, where)


class Audit:
    """The program, and the designs that it has written so far."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        os.makedirs(folder, exist_ok=True)
        self.designs = {}

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], capture_output=True,
                              text=True)
        if done.returncode:
            raise RuntimeError("audit: " + done.stderr.strip())

    def table(self, name, columns, values, form):
        path = os.path.join(self.folder, name)
        np.savetxt(path, values, fmt=form, delimiter=",", comments="",
                   header=",".join(columns))
        return path

    def design(self, entry, where, d, grid):
        """Points, and how many of the first rows are stencils of 4d + 1; the
        last three are for batches of one.  grid: with that for the mass."""
        key = (str(entry.domain), entry.points and entry.name, where, d, grid,
               where == "edge" and entry.box)
        if key not in self.designs:
            rng = np.random.default_rng(seed_of(where, d))
            x = draw(entry, where, POINTS, d, rng)
            given = self.table("x.csv", names("x", d), x, "%.17g")
            out = os.path.join(self.folder, "points.csv")
            self.run("--design", given, "--out", out)
            points = np.loadtxt(out, delimiter=",", skiprows=1, ndmin=2)
            points = points[:, :-1]
            stencils = min(POINTS, 20, max(1, 6000 // (4 * d + 1)))
            stencils *= 4 * d + 1
            keep = inside(entry, points)
            if not grid:  # nor the line
                keep[stencils:-6] = False
            if not keep[:stencils].all():
                raise RuntimeError("a stencil leaves the domain")
            self.designs[key] = points[keep], stencils
        return self.designs[key]

    def judge(self, dtype, x, z, ld, ll, back=None, ld_back=None):
        """Its lines by name: measured, expected, tolerance, verdict."""
        d = x.shape[1]
        columns = ["log_likelihood", "log_abs_det"] + names("z", d)
        columns += names("x", d)
        values = [ll, ld, z, x]
        if back is not None:
            columns += names("x_back", d)
            values.append(back)
            if ld_back is not None:
                columns.append("log_abs_det_back")
                values.append(ld_back)
        path = self.table("answers.csv", columns, np.column_stack(values),
                          WRITTEN[dtype])
        self.run("--flow", path, "--out", self.folder)
        with open(os.path.join(self.folder, "audit-flow.csv")) as f:
            lines = list(csv.DictReader(r for r in f if r[0] != "#"))
        return {line["check"]: (float(line["measured"]),
                                float(line["expected"]),
                                float(line["tolerance"]), line["verdict"])
                for line in lines}


def names(letter, d):
    return ["%s%d" % (letter, j + 1) for j in range(d)]


class Questions:
    """All of one flow, in one state."""

    def __init__(self, entry, flow, d, dtype, state, audit):
        self.entry, self.flow, self.d, self.dtype = entry, flow, d, dtype
        self.state, self.audit, self.rows = state, audit, []
        self.half = math.sqrt(UNIT[dtype])
        self.rng = np.random.default_rng(seed_of(entry.name, d, dtype, state))

    def cast(self, x):
        return x.astype(self.dtype).astype(float)

    def say(self, *a, **k):
        r = row(*a, **k)
        documented = self.entry.documented.get(r["check"].split(",")[0])
        if r["verdict"] in ("wrong", "open", "not finite") and documented:
            size, words = documented
            size = math.inf if size >= 1e9 else size
            if abs(r["error"]) <= size:  # NaN is nobody's rounding
                r["verdict"], r["note"] = "documented", words
        self.rows.append(r)

    # log_abs_det, the round trip, the inverse's log_abs_det, mass, sums

    def at(self, where):
        grid = (where == "N(0,1)" and self.dtype == "float64" and
                self.d <= 2 and self.entry.onto)
        x, stencils = self.audit.design(self.entry, where, self.d, grid)
        x = self.cast(x)
        alone = 3 if where == "N(0,1)" else 0
        count = len(x) - alone
        z, ld = self.flow.forward(x[:count])
        ld = np.broadcast_to(ld, (count,))
        for k in range(count, len(x)):
            zk, lk = self.flow.forward(x[k:k + 1])
            z, ld = np.vstack([z, zk]), np.append(ld, lk)
        good = np.isfinite(z).all(1) & np.isfinite(ld)
        first = good[:stencils]
        self.say(check_name("finite", where), error=float((~first).mean()),
                 second=float((~good).mean()), method="share of the design",
                 tolerance=0,
                 verdict="ok" if first.all() else "not finite",
                 note="" if first.all() else self.what_is_not(x, z, ld, first))
        if first.mean() < 0.5:
            return
        ll = log_normal(z) + ld
        if self.entry.stock and self.flow.log_prob and where == "N(0,1)":
            ll = self.flow.log_prob(x)
        back = ld_back = None
        if self.flow.inverse:
            back, ld_back = self.inverse(x, z, good, where)
        found = self.audit.judge(self.dtype, x, z, ld, ll, back, ld_back)
        self.log_det(where, x, z, ld, stencils, found)
        if back is not None:
            self.round_trip(where, x, z, back, found)
            if ld_back is not None:
                self.back_log_det(where, x, ld, back, ld_back, found)
        if where == "N(0,1)":
            self.once(x, z, ld, ll, found)

    def what_is_not(self, x, z, ld, first):
        k = int(np.argmin(first))
        bad = [n for n, v in (("z", z[k]), ("log_abs_det", ld[k]))
               if not np.isfinite(v).all()]
        return "%s is not finite at x = %s" % (
            " and ".join(bad), show(x[k]))

    def inverse(self, x, z, good, where):
        """x_back of the rows that have finite z; of other rows x, and of the
        grid, which is many rows, likewise."""
        asked = good.copy()
        if len(x) > 3000:
            asked[:] = False
            asked[:20 * (4 * self.d + 1)] = True
            asked &= good
        try:
            b, lb = self.flow.inverse(z[asked])
        except NotImplementedError:
            self.say(check_name("round-trip", where), verdict="absent")
            self.flow.inverse = None
            return None, None
        except Exception as e:
            self.say(check_name("round-trip", where), verdict="raises",
                     note=first_line(e))
            return None, None
        back = x.copy()
        back[asked] = b
        if lb is None:
            return back, None
        _, ld = self.flow.forward(x)
        ld_back = -np.broadcast_to(ld, (len(x),)).copy()
        ld_back[asked] = lb
        self.asked = asked
        return back, ld_back

    def by_derivative(self, x, ld):
        """log |det| by the framework minus log_abs_det; None: it has none."""
        if not self.flow.jacobian:
            return None
        try:
            by = np.linalg.slogdet(self.flow.jacobian(x))[1] - ld
        except TimeoutError:
            raise
        except Exception:
            return None
        return None if np.isnan(by).any() else by  # NaN confirms nothing

    def by_differences(self, x, ld, step):
        j = self.differences(x, step)
        with np.errstate(all="ignore"):
            return np.linalg.slogdet(j)[1] - ld

    def room(self, x):
        """The unit of steps at each row: a power of two of 1 + |x|, or an
        eighth of the way to the edge of the domain."""
        size = 1 + np.abs(x).max(1)
        kind = self.entry.domain[0]
        if kind == "box":
            size = np.minimum(x - self.entry.domain[1],
                              self.entry.domain[2] - x).min(1) / 8
        elif kind == "above":
            size = np.minimum((x - self.entry.domain[1]).min(1) / 8, 1)
        return 2.0 ** np.floor(np.log2(np.maximum(size, 1e-3)))

    def differences(self, x, step):
        """Fourth order, by steps of that share of the room."""
        n, d = x.shape
        h = (step * self.room(x))[:, None] * np.ones(d)
        j = np.empty((n, d, d))
        for k in range(d):
            part = {}
            for m in (-2, -1, 1, 2):
                y = x.copy()
                y[:, k] += m * h[:, k]
                part[m] = self.flow.forward(self.cast(y))[0]
            j[:, :, k] = ((8 * (part[1] - part[-1]) - (part[2] - part[-2])) /
                          (12 * h[:, k:k + 1]))
        return j

    def log_det(self, where, x, z, ld, stencils, found):
        check = check_name("log-det", where)
        self.lost = False  # digits of x, in rounding of z
        if "volume" not in found:
            return self.say(check, verdict="open",
                            note="too few finite rows to see the design")
        error, _, allowed, word = found["volume"]
        centres = x[:stencils:4 * self.d + 1]
        own = ld[:stencils:4 * self.d + 1]
        by, method = self.by_derivative(centres, own), "derivative"
        half = self.half * (self.d + np.abs(own).max())
        suspect, note = word == "wrong", ""
        if not math.isfinite(error):
            return self.hidden(check, error, centres, own, allowed)
        if by is None and not suspect:
            by, method = np.full(1, math.nan), "not needed"
        elif by is None or (suspect and not beyond(by, half)):
            by, method = self.by_two_steps(centres, own), "two smaller steps"
        second = worst(by)
        if suspect and abs(error) > half:
            # differences that may be off by a nat decide nothing
            agrees = (beyond(by, half) and allowed < 1 and
                      not abs(second) < abs(error) / 4)
            verdict = "wrong" if agrees else "open"
            if agrees:
                bad = ~(np.abs(by) <= half)
                note = "%d of %d points, the first at x = %s" % (
                    bad.sum(), len(by), show(centres[np.argmax(bad)]))
                if not math.isfinite(second):
                    note += "; the derivative is singular"
        elif suspect:
            verdict = "rounding"
        else:
            verdict = {"ok": "ok", "note": "ok"}.get(word, "open")
        self.say(check, error, second, method, allowed, verdict, note)

    def by_two_steps(self, x, ld):
        """Differences of two steps smaller than the design's, where they agree
        with each other to a tenth; 0 elsewhere, and in float."""
        if self.dtype == "float32":
            return np.zeros(len(x))
        a, b = (self.by_differences(x, ld, h) for h in (2.0 ** -11, 2.0 ** -14))
        with np.errstate(all="ignore"):
            return np.where(np.abs(a - b) < 0.1 * np.abs(b), b, 0)

    def hidden(self, check, error, x, ld, allowed):
        """J is singular by differences: rounding may hide what z does, unless
        log_abs_det is above Hadamard's bound, the product of the columns'
        norms, each at least what an error of z hides of which half of the
        digits are right."""
        step = 2.0 ** (-10 if self.dtype == "float64" else -6)
        j = self.differences(x, step)
        z = np.abs(self.flow.forward(x)[0]).max(1) + 1
        floor = self.half * z / (step * self.room(x))
        with np.errstate(all="ignore"):
            columns = np.maximum(np.linalg.norm(j, axis=1), floor[:, None])
            over = ld - np.log(columns).sum(1)
        k = int(np.argmax(np.where(np.isnan(over), -np.inf, over)))
        bad = over[k] > 1
        self.lost = not bad
        self.say(check, error, over[k], "above Hadamard's bound", allowed,
                 "wrong" if bad else "open",
                 "z does not change with x at x = %s" % show(x[k]) if bad else
                 "z does not change within the steps: rounding hides it")

    def round_trip(self, where, x, z, back, found):
        if "round-trip" not in found:
            return
        error, _, allowed, word = found["round-trip"]
        check = check_name("round-trip", where)
        if word != "wrong":
            return self.say(check, error, method="z again", tolerance=allowed)
        off = np.abs(back - x)
        off = np.where(np.isfinite(off), off, np.inf)
        size = np.abs(x).max(0)
        bad = np.flatnonzero((off > self.half * size).any(1))[:200]
        with np.errstate(all="ignore"):
            again = self.flow.forward(back[bad])[0] - z[bad]
        finite = np.isfinite(again).all(1)
        second = worst(again[finite]) if finite.any() else math.nan
        rounds = np.maximum(self.rounding_back(x[bad], z[bad]),
                            self.rounding_back(back[bad], z[bad]))
        beyond_it = off[bad].max(1) > np.maximum(self.half * size.max(), rounds)
        verdict, note = "rounding", "as far as the map's condition explains"
        if beyond_it.any():
            k = bad[int(np.argmax(beyond_it))]
            note = "%d rows, the first x = %s, back %s" % (
                beyond_it.sum(), show(x[k]), show(back[k]))
            if not finite.all():
                note += "; of %d what came back gives no finite z" % (
                    (~finite).sum())
            verdict = "open" if self.lost else "wrong"
            if not np.isfinite(back[k]).all() or not np.isfinite(error):
                verdict = "not finite"
        self.say(check, error, second, "z again", allowed, verdict, note)

    def rounding_back(self, x, z):
        """256 u |J^-1| |z|: how far rounding of z moves x."""
        j, finite = None, np.isfinite(x).all(1)
        x = np.where(finite[:, None], x, 0)
        with np.errstate(all="ignore"):
            try:
                j = self.flow.jacobian(x)
            except Exception:
                j = self.differences(
                    x, 2.0 ** (-10 if self.dtype == "float64" else -6))
            least = np.array([np.linalg.svd(m, compute_uv=False)[-1]
                              if np.isfinite(m).all() else 0 for m in j])
            far = 256 * UNIT[self.dtype] * np.abs(z).max(1) / least
            return np.where(finite, far, 0)

    def back_log_det(self, where, x, ld, back, ld_back, found):
        if "back-log-det" not in found:
            return
        error, _, allowed, word = found["back-log-det"]
        check = check_name("inverse's log-det", where)
        if word != "wrong":
            return self.say(check, error, method="differences of the inverse",
                            tolerance=allowed)
        # Rounding of z moves x_back: against forward's there, not at x alone.
        with np.errstate(all="ignore"):
            own = self.flow.forward(back)[1] + ld_back
        size = self.half * (self.d + np.abs(ld))
        off = np.where(np.abs(ld + ld_back) > size, np.abs(own), 0)
        off = np.where(np.isfinite(off), off, 0)
        bad = np.flatnonzero(off > size)
        bad = bad[np.argsort(-off[bad])][:CALLS]
        if bad.size == 0:
            return self.say(check, error, worst(own[np.isfinite(own)]),
                            "forward's at x_back", allowed, "rounding",
                            "it is that of x_back, which rounding of z moves")
        by = self.inverse_by_differences(x[bad], ld_back[bad])
        # what own says of it: minus that, or nothing where the inverse is right
        with np.errstate(all="ignore"):
            same = np.abs(by + own[bad]) < 0.5 * off[bad]
            right = np.abs(by) < 0.1 * off[bad]
        at = int(np.argmax(same)) if same.any() else int(np.argmax(right))
        k, verdict = bad[at], "open"
        if same.any():
            verdict = "wrong"
        elif right.all():
            verdict = "ok"
        self.say(check, error, by[at], "differences of the inverse", allowed,
                 verdict, "at x = %s forward says %.6g, the inverse %.6g%s" % (
                     show(x[k]), ld[k], ld_back[k],
                     ", which is right" if verdict == "ok" else ""))

    def inverse_by_differences(self, x, ld_back):
        """log |det dx/dz| minus ld_back where two steps agree, or else NaN."""
        exact = self.dtype == "float64"
        one, two = (self.inverse_by_step(x, ld_back, h) for h in
                    ((2.0 ** -12, 2.0 ** -15) if exact else
                     (2.0 ** -5, 2.0 ** -7)))
        with np.errstate(all="ignore"):
            return np.where(np.abs(one - two) < 0.1 * np.abs(two) + self.half,
                            two, math.nan)

    def inverse_by_step(self, x, ld_back, step):
        z = self.flow.forward(x)[0]
        n, d = z.shape
        j = np.empty((n, d, d))
        h = step * 2.0 ** np.ceil(np.log2(1e-3 + np.abs(z)))
        try:
            for k in range(d):
                up, down = z.copy(), z.copy()
                up[:, k] += h[:, k]
                down[:, k] -= h[:, k]
                up, down = self.cast(up), self.cast(down)
                width = up[:, k] - down[:, k]
                j[:, :, k] = ((self.flow.inverse(up)[0] -
                               self.flow.inverse(down)[0]) / width[:, None])
        except TimeoutError:
            raise
        except Exception:  # z +- h is outside what the inverse takes
            return np.full(n, math.nan)
        with np.errstate(all="ignore"):
            return np.linalg.slogdet(j)[1] - ld_back

    # What is asked at N(0, 1) alone

    def once(self, x, z, ld, ll, found):
        if self.entry.stock and self.flow.log_prob:
            error, _, allowed, word = found["consistency"]
            own = worst(ll - log_normal(z) - ld)
            half = self.half * (self.d + np.abs(ll).max())
            self.say("log_prob adds up", error, own, "sum", allowed,
                     "wrong" if abs(own) > half else
                     "rounding" if word == "wrong" else "ok")
        if "mass" in found and self.entry.onto:
            self.mass(found["mass"])
        self.batches(x, z, ld, found)
        self.calls(x)
        self.move(x)
        self.gradients(x)
        self.special()
        # noise may make a flow that loses all digits of a draw
        if self.entry.stock and self.flow.sample and self.state != "perturbed":
            self.draws()

    def mass(self, line):
        mass, _, allowed, word = line
        blind = word != "wrong" and not allowed < 1  # a mass of 0 would pass
        if word != "wrong" and not blind:
            return self.say("mass", mass - 1, method="not needed",
                            tolerance=allowed)
        if (blind or mass < 1) and self.flow.inverse:
            share, note = self.returned()
            bad = share < 1 - 5 * math.sqrt(0.25 / DRAWS)
            return self.say("mass", mass - 1, share - 1,
                            "share of z ~ N(0, I) that come back", allowed,
                            "ok" if not bad else "open" if blind else "wrong",
                            note)
        if blind:
            return self.say("mass", mass - 1, tolerance=allowed, verdict="open",
                            note="the grid's own error is larger than 1")
        (off, error), (wide, _) = (self.sampled(s) for s in (2.0, 20.0))
        agrees = abs(off) > 5 * error and off * (mass - 1) > 0 and (
            wide > 5 * error if mass > 1 else self.bounded())
        self.say("mass", mass - 1, off, "importance sampling", allowed,
                 "wrong" if agrees else "open",
                 "the density holds %.4g on 8 deviations; by sampling "
                 "%.4g +- %.2g" % (mass, off + 1, error))

    def returned(self):
        """The mass that forward reaches, whatever the tails of x: the share of
        z ~ N(0, I) with forward(inverse(z)) = z, to what rounding of x leaves
        of it, or whose x is out of reach of the format's digits."""
        z = self.cast(self.rng.normal(size=(DRAWS, self.d)))
        x, _ = self.flow.inverse(z)
        with np.errstate(all="ignore"):
            again = self.flow.forward(x)[0]
            far = ~(np.abs(x) < 1 / self.half).all(1)
            off = np.abs(again - z).max(1)
            near = far | (off <= 1e-2)
            at = np.flatnonzero(~near)
            if len(at):  # not every library takes no rows
                near[at] = off[at] <= 256 * UNIT[self.dtype] * \
                    self.slope_at(x[at])
        return float(near.mean()), (
            "%.4g of z ~ N(0, I) is reached by forward(inverse(z))"
            % near.mean())

    def bounded(self):
        """Whether a column of z stops growing with x: otherwise what mass is
        missing may be far away."""
        x = self.rng.normal(size=(200, self.d))
        with np.errstate(all="ignore"):  # of log_abs_det out there
            near, far = (np.abs(self.flow.forward(self.cast(s * x))[0]).max(0)
                         for s in (1e4, 1e8))
        return bool((far <= near * (1 + 1e-3)).any())

    def slope_at(self, x):
        """|J| |x| at each row."""
        try:
            j = self.flow.jacobian(x)
        except Exception:
            j = self.differences(x, 2.0 ** -10)
        return np.linalg.norm(j, axis=(1, 2)) * np.abs(x).max(1)

    def sampled(self, scale):
        """The mass less 1 and its error, from draws of a Student law of 3
        degrees about 0."""
        n = 20000
        x = self.rng.standard_t(3, size=(n, self.d)) * scale
        log_q = (math.lgamma(2) - math.lgamma(1.5) - 0.5 * math.log(3 * math.pi)
                 - math.log(scale) - 2 * np.log1p((x / scale) ** 2 / 3)).sum(1)
        x = self.cast(x)
        if self.entry.stock and self.flow.log_prob:
            log_p = self.flow.log_prob(x)
        else:
            z, ld = self.flow.forward(x)
            log_p = log_normal(z) + ld
        w = np.exp(np.where(np.isfinite(log_p), log_p, -np.inf) - log_q)
        return w.mean() - 1, w.std() / math.sqrt(n)

    def apart(self, z, ld, other_z, other_ld):
        """Differences over what half of the digits allow, of z and ld."""
        def most(a, b):
            with np.errstate(all="ignore"):
                off = np.abs(a - b) / (1 + np.abs(a))
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            return float(np.where(same, 0, np.nan_to_num(off, nan=np.inf)).max())
        return most(z, other_z), most(ld, other_ld)

    def batches(self, x, z, ld, found):
        """Rows alone, and in a batch of seven, against those of all."""
        rows = x[:CALLS]
        try:
            alone = [self.flow.forward(r[None]) for r in rows]
        except Exception as e:
            return self.say("batch of one", verdict="raises",
                            note=first_line(e))
        shapes = {np.shape(l) for _, l in alone}
        one = np.vstack([a for a, _ in alone])
        one_ld = np.array([float(np.ravel(l)[0]) for _, l in alone])
        few, few_ld = self.flow.forward(x[:7])
        by = max(self.apart(z[:CALLS], ld[:CALLS], one, one_ld))
        seven = max(self.apart(z[:7], ld[:7], few, np.broadcast_to(few_ld, 7)))
        error = max(by, seven)
        second = found.get("function", (math.nan,))[0]
        verdict = "wrong" if error > self.half else "ok"
        if verdict == "wrong" and error <= 64 * self.moved_by_rounding(rows):
            verdict = "rounding"  # of sums in another order
        self.say("batch of one", error, second, "audit, repeated rows",
                 self.half, verdict,
                 "log_abs_det of one row has the shape %s" % shapes
                 if shapes != {(1,)} else "")

    def moved_by_rounding(self, x):
        """How far a unit in the last place of x moves z and log_abs_det, in one
        batch."""
        n = len(x)
        both = self.cast(np.vstack([x, x * (1 + 2 * UNIT[self.dtype])]))
        with np.errstate(all="ignore"):
            z, ld = self.flow.forward(both)
        ld = np.broadcast_to(ld, (2 * n,))
        moved = max(self.apart(z[:n], ld[:n], z[n:], ld[n:]))
        return moved if math.isfinite(moved) else 0

    def calls(self, x):
        """The same rows five times: of few answers some are alike."""
        rows = x[:len(x) - 3] if len(x) < 3000 else x[:500]
        first, *others = (self.flow.forward(rows) for _ in range(5))
        error, again = (max(d for o in others for d in self.apart(*of, *o))
                        for of in (first, others[0]))
        self.say("second call", error, again, "further calls", self.half,
                 "wrong" if error > self.half and again > self.half else "ok")

    def move(self, x):
        if not self.flow.moved:
            return
        by, count = self.flow.moved(x[:CALLS])
        self.say("caller's rows", by, count, "operations in place", 0,
                 "wrong" if by > 0 else "ok",
                 "forward changes the array that it is given" if by else "")

    def gradients(self, x):
        rows = x[:CALLS * (4 * self.d + 1):4 * self.d + 1]
        if self.flow.gradient:
            try:
                g = self.flow.gradient(rows)
            except Exception as e:
                g = None
                self.say("gradient", verdict="raises", note=first_line(e))
            if g is not None and self.dtype == "float64":
                self.gradient_by_x(rows, g)
            elif g is not None:
                self.gradient_is_finite(rows, g)
        if self.flow.slope and self.dtype == "float64":
            self.gradient_by_parameters(x[:200])

    def gradient_is_finite(self, rows, g):
        bad = ~np.isfinite(g).all(1)
        self.say("gradient", float(bad.mean()), method="share not finite",
                 tolerance=0, verdict="not finite" if bad.any() else "ok")

    def gradient_by_x(self, rows, g):
        by = []
        for step in (2.0 ** -13, 2.0 ** -15):  # few kinks are so near
            h = step * self.room(rows)
            d = np.empty_like(rows)
            spread = np.empty_like(rows)
            for k in range(self.d):
                part = {}
                for m in (-2, -1, 1, 2):
                    y = rows.copy()
                    y[:, k] += m * h
                    part[m] = self.flow.forward(y)[1]
                one = (part[1] - part[-1]) / (2 * h)
                two = (part[2] - part[-2]) / (4 * h)
                d[:, k], spread[:, k] = (4 * one - two) / 3, np.abs(one - two)
            by.append((d, spread))
        (coarse, s0), (fine, s1) = by
        size = self.half * (1 + np.abs(fine)) * 2 ** 4
        allowed = size + 4 * np.abs(coarse - fine) + np.maximum(s0, s1)
        off, other = g - fine, g - coarse
        nan = ~np.isfinite(g) & np.isfinite(fine)
        bad = (np.abs(off) > allowed) & np.isfinite(fine)
        # kinks that sit in the stencils of a row or two are no contradiction
        wrong = nan.any() or bad.any(1).sum() > 2 or bad.any(1).all()
        k = np.unravel_index(
            np.argmax(np.where(nan, np.inf, np.abs(off) / allowed)), off.shape)
        self.say("gradient", float(off[k]), float(other[k]),
                 "differences of four times the step", float(allowed[k]),
                 "wrong" if wrong else "ok",
                 "by the framework %.6g, by differences %.6g at x = %s" % (
                     g[k], fine[k], show(rows[k[0]]))
                 if wrong else "")

    def gradient_by_parameters(self, rows):
        theta = self.flow.parameters()
        if theta.size == 0:
            return
        u = self.rng.normal(size=theta.size)
        u /= np.linalg.norm(u)
        try:
            own = self.flow.slope(rows, u)
        except Exception as e:
            return self.say("gradient by parameters", verdict="raises",
                            note=first_line(e))

        def mean(step):
            self.flow.assign(theta + step * u)
            return float(np.mean(self.flow.forward(rows)[1]))

        def slope(h):
            one = (mean(h) - mean(-h)) / (2 * h)
            two = (mean(2 * h) - mean(-2 * h)) / (4 * h)
            return (4 * one - two) / 3, abs(one - two)

        (fine, s1), (coarse, s0) = slope(2.0 ** -17), slope(2.0 ** -15)
        self.flow.assign(theta)
        allowed = (2 ** 6 * self.half * (1 + abs(fine)) + max(s0, s1) +
                   4 * abs(fine - coarse))
        bad = not abs(own - fine) <= allowed
        # kinks of some rows within the steps would tell the two steps apart
        kinks = abs(fine - coarse) > 0.1 * abs(own - fine)
        self.say("gradient by parameters", own - fine, own - coarse,
                 "differences of four times the step", allowed,
                 "open" if not math.isfinite(fine) else
                 "wrong" if bad and (math.isnan(own) or not kinks) else
                 "open" if bad else "ok",
                 "by the framework %.6g, by differences %.6g" % (own, fine)
                 if bad else "")

    def special(self):
        """0, 1, -1 and the edges of a box, to the last bit: finite, z and
        log_abs_det and the gradient."""
        if self.entry.points or self.entry.domain[0] != "line":
            return
        values = [0.0, 1.0, -1.0]
        if self.entry.box:
            b = float(np.dtype(self.dtype).type(self.entry.box))
            values += [b, -b]
        x = np.repeat(np.array(values)[:, None], self.d, 1)
        z, ld = self.flow.forward(x)
        bad = ~(np.isfinite(z).all(1) & np.isfinite(ld))
        self.say("special points", float(bad.sum()), method="count",
                 tolerance=0, verdict="not finite" if bad.any() else "ok",
                 note="z or log_abs_det at x = %s" % np.array(values)[bad]
                 if bad.any() else "")
        if not self.flow.gradient:
            return
        try:
            g = self.flow.gradient(x)
        except Exception:
            return
        bad = ~np.isfinite(g).all(1) & ~bad
        self.say("gradient, special points", float(bad.sum()), method="count",
                 tolerance=0, verdict="not finite" if bad.any() else "ok",
                 note="where all x_j = %s" % np.array(values)[bad]
                 if bad.any() else "")

    def draws(self):
        """z of draws is N(0, I): Kolmogorov's distance of each column, and
        the share of draws in the most frequent value of a column."""
        try:
            x = self.flow.sample(DRAWS)
        except Exception as e:
            return self.say("draws", verdict="raises", note=first_line(e))
        z, _ = self.flow.forward(x)
        allowed = math.sqrt(math.log(2 * self.d / LEVEL) / (2 * DRAWS))
        most = 0.0
        for j in range(self.d):
            v = np.sort(z[:, j])
            p = np.array([0.5 * math.erfc(-a / math.sqrt(2)) for a in v])
            k = np.arange(DRAWS)
            most = max(most, float(np.max(np.maximum((k + 1) / DRAWS - p,
                                                     p - k / DRAWS))))
        atom = max(np.unique(x[:, j], return_counts=True)[1].max()
                   for j in range(self.d)) / DRAWS
        bad = not most <= allowed or atom > 0.01
        self.say("draws", most, atom, "share of equal draws", allowed,
                 "wrong" if bad else "ok",
                 "z of %d draws against N(0, I)" % DRAWS if bad else "")

    # Trained, compiled

    def ceiling(self):
        """On new rows of a known density no flow is ahead of it in mean."""
        x, truth = data(DRAWS, self.d, np.random.default_rng(7))
        x = self.cast(x)
        if self.flow.log_prob:
            ll = self.flow.log_prob(x)
        else:
            z, ld = self.flow.forward(x)
            ll = log_normal(z) + ld
        ahead = ll - truth
        if not np.isfinite(ahead).all():
            return self.say("ceiling", verdict="not finite")
        mean = float(ahead.mean())
        quantile = math.sqrt(-2 * math.log(LEVEL))
        allowed = quantile * float(ahead.std()) / math.sqrt(DRAWS)
        j = self.differences(x[:200], 2.0 ** -6)
        z = self.flow.forward(x[:200])[0]
        with np.errstate(all="ignore"):
            second = float(np.mean(log_normal(z) + np.linalg.slogdet(j)[1] -
                                   truth[:200]))
        self.say("ceiling", mean, second, "log-det by differences", allowed,
                 "wrong" if mean > allowed and mean - second > allowed else
                 "open" if mean > allowed else "ok",
                 "nats a row ahead of the true density" if mean > allowed
                 else "")

    def compile(self):
        x = self.audit.design(self.entry, "N(0,1)", self.d,
                              False)[0][:100]
        x = self.cast(x)
        z, ld = self.flow.eager().forward(x)
        try:
            cz, cl = self.flow.compiled().forward(x)
        except Exception as e:
            return self.say("compiled", verdict="raises", note=first_line(e))
        a, b = self.apart(z, np.broadcast_to(ld, len(x)), cz,
                          np.broadcast_to(cl, len(x)))
        self.say("compiled", b, a, "the same of z", self.half,
                 "wrong" if max(a, b) > self.half else "ok")

    def all(self):
        some = places(self.entry) if self.dtype == "float64" else ["N(0,1)"]
        for where in some:
            self.guarded(lambda: self.at(where), check_name("log-det", where))
        if self.state == "trained":
            self.guarded(self.ceiling, "ceiling")
        return self.rows

    def guarded(self, what, check):
        try:
            what()
        except TimeoutError:
            raise
        except Exception as e:
            self.say(check, verdict="raises", note=first_line(e))


def first_line(e):
    return ("%s: %s" % (type(e).__name__, str(e).strip().split("\n")[0]))[:160]


def data(n, d, rng):
    """Rows of a density that is known, and its logarithm there."""
    e = rng.normal(size=(n, d))
    x = 1.5 * e
    for j in range(1, d):
        x[:, j] = 0.5 * e[:, j] + 0.6 * np.sin(2 * x[:, j - 1])
    return x, log_normal(e) - math.log(1.5) - (d - 1) * math.log(0.5)


def perturb(flow, by, rng):
    """Noise of order one on each parameter: N(0, by^2 / inputs) on a matrix."""
    theta, at = flow.parameters(), 0
    for shape in flow.shapes():
        size = int(np.prod(shape))
        inputs = size / shape[0] if len(shape) > 1 else 1
        theta[at:at + size] += by * rng.normal(size=size) / math.sqrt(inputs)
        at += size
    flow.assign(theta)


def configurations(entry):
    """(dimension, precision, state): dimensions in both states in double, one
    of them in float; trained once, in float; compiled once, in float."""
    states = ["fresh"] + (["perturbed"] if entry.perturb else [])
    some = [(d, "float64", s) for d in entry.dims for s in states]
    some += [(entry.dims[-1], "float32", s) for s in states]
    if entry.train and entry.domain[0] == "line" and not entry.points:
        d = 2 if 2 in entry.dims else entry.dims[0]
        some.append((d, "float32", "trained"))
    some = [c for c in some if c[1] in entry.precisions]
    return some


def judge(entry, d, dtype, state, audit):
    """The rows of one configuration."""
    flow = entry.build(d, dtype, 1 + d)
    rng = np.random.default_rng(seed_of(entry.name, d))
    if state == "perturbed":
        perturb(flow, entry.by, rng)
    if state == "trained":
        flow.train(data(100 * 128, d, rng)[0], STEPS)
    return Questions(entry, flow, d, dtype, state, audit).all()


def judge_compiled(entry, audit):
    d = entry.dims[-1]
    flow = entry.build(d, "float32", 1 + d)
    q = Questions(entry, flow, d, "float32", "fresh", audit)
    q.guarded(q.compile, "compiled")
    return d, q.rows
