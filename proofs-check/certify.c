/* certify.c -- intervals that are proved, of a flow in a parameter file.
 *
 * On a box of the plane: gap, likelihood, mass, range of log|det J|, Lipschitz
 * constants, and of two flows how often their determinants differ; at points,
 * in up to 64 columns, log|det J| and log q.  A row for each, its ends rounded
 * outward, as CSV on stdout. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow_boxes.h"
#include "flow_models.h"
#include "io/output.h"
#include "sizes.h"

enum { BITS = FLOW_BITS };

static const char about[] =
    "Certifies, in ball arithmetic, what a flow does on a box or at points.\n"
    "FLOW.theta stands first, or after --flow; rows go to stdout as CSV, ends\n"
    "rounded outward.";

static const char *const ends_of[] = {
    "Exit status:",
    "  0  all is enclosed; inf or nan where nothing finite was found",
    "  2  a bad option or file: one line on stderr says which",
    NULL,
};

static struct {
    const char *flows[2], *box, *density, *boxes, *tolerance, *apart, *points;
} given = {.density = "uniform", .boxes = "64"};

static void print_row(const char *name, const char *quantity, const arf_t low,
                      const arf_t high)
{
    printf("%s,%s,%.17g,%.17g\n", name, quantity, arf_get_d(low, ARF_RND_FLOOR),
           arf_get_d(high, ARF_RND_CEIL));
}

static void print_ball(const char *name, const char *quantity, const arb_t z)
{
    arf_t low, high;
    arf_init(low);
    arf_init(high);
    arb_get_lbound_arf(low, z, 2 * BITS);
    arb_get_ubound_arf(high, z, 2 * BITS);
    print_row(name, quantity, low, high);
    arf_clear(high);
    arf_clear(low);
}

/* count numbers with commas between, for x; what: says so in a message. */
static void numbers(const char *option, const char *text, int count, double *x)
{
    const char *at = text;
    for (int k = 0; k < count; k++) {
        char *end;
        x[k] = strtod(at, &end);
        if (end == at || !isfinite(x[k]) || *end != (k + 1 < count ? ',' : 0))
            jf_fail(2, "--%s: '%.40s' found, %d numbers expected", option, text,
                    count);
        at = end + 1;
    }
}

static void print_flow(const box_flow *f, const char *name)
{
    arf_t one;
    arf_init(one);
    print_ball(name, "gap", &f->gap);
    print_ball(name, "mean_log_q", &f->mean_log_q);
    print_ball(name, "mass", &f->mass);
    print_row(name, "least_log_det", &f->least[0], &f->least[1]);
    print_row(name, "largest_log_det", &f->most[0], &f->most[1]);
    print_row(name, "lipschitz", one, &f->lipschitz[0]);
    print_row(name, "inverse_lipschitz", one, &f->lipschitz[1]);
    arf_clear(one);
}

/* By models where all flows have them: of fourth order, and centred forms for
 * what models do not say. */
static void set_tolerances(box_task *t)
{
    double parts = (double)(t->n * t->n), own = 0;
    int fit = flow_models_fit(t->flows[0]) &&
              (!t->flows[1] || flow_models_fit(t->flows[1]));
    if (given.tolerance) {
        numbers("tolerance", given.tolerance, 1, &own);
        if (!(own > 0))
            jf_fail(2, "--tolerance: %g found, a positive number expected",
                    own);
    }
    t->tolerance = own > 0 && !fit ? own : 32 / parts;
    t->fine = !fit ? 0 : own > 0 ? own : 32 / (parts * parts);
}

/* What the options ask for on a box. */
static box_task task_of(const flow *flows, size_t threads)
{
    box_task t = {.flows = {&flows[0], given.flows[1] ? &flows[1] : NULL},
                  .n = (slong)jf_args_number("boxes", given.boxes, 1, 4096)};
    numbers("box", given.box, 4, t.box);
    numbers("apart", given.apart ? given.apart : "0.5", 1, &t.apart);
    set_tolerances(&t);
    if (!(t.box[0] < t.box[1] && t.box[2] < t.box[3]))
        jf_fail(2, "--box: '%s' found, a,b,c,d with a < b and c < d expected",
                given.box);
    if (t.n & (t.n - 1))
        jf_fail(2, "--boxes: %ld found, a power of 2 expected", (long)t.n);
    if (strcmp(given.density, "uniform") != 0 &&
        strcmp(given.density, "normal") != 0)
        jf_fail(2, "--density: '%s' found, uniform or normal expected",
                given.density);
    for (int k = 0; k < 2 && given.flows[k]; k++)
        if (flows[k].map.d != 2)
            jf_fail(2, "%s: %ld columns, 2 expected for --box", given.flows[k],
                    (long)flows[k].map.d);
    t.law = strcmp(given.density, "uniform") == 0 ? UNIFORM : STANDARD_NORMAL;
    t.threads = threads ? (int)threads : (int)sysconf(_SC_NPROCESSORS_ONLN);
    return t;
}

static void on_box(const box_task *t)
{
    box_result r;
    box_result_init(&r);
    boxes(&r, t);
    for (int k = 0; k < 2 && t->flows[k]; k++)
        print_flow(&r.flows[k], k ? "second" : "first");
    if (t->flows[1]) {
        arb_union(&r.apart[0], &r.apart[0], &r.apart[1], BITS);
        print_ball("both", "p_apart", &r.apart[0]);
    }
    box_result_clear(&r);
}

/* A line of a table of points: d numbers, blanks or one comma between. */
static void read_point(arb_ptr x, slong d, const char *line, size_t at_line)
{
    const char *at = line;
    for (slong j = 0; j < d; j++) {
        char *end;
        at += strspn(at, " \t");
        if (j && *at == ',')
            at += 1 + strspn(at + 1, " \t");
        double entry = strtod(at, &end);
        if (end == at || !isfinite(entry))
            jf_fail(2, "%s:%zu: %ld numbers expected", given.points, at_line,
                    (long)d);
        arb_set_d(x + j, entry);
        at = end;
    }
    if (at[strspn(at, " \t\r")])
        jf_fail(2, "%s:%zu: %ld numbers expected, more found", given.points,
                at_line, (long)d);
}

/* The rows, one below the other: d numbers each. */
typedef struct {
    size_t count, room;
    arb_ptr x;
} points;

static points read_points(slong d)
{
    points p = {.room = 1};
    size_t at_line = 0;
    char *text = jf_file_read(given.points, NULL), *rest = text, *line;
    if (!text)
        jf_fail(2, "%s: %s", given.points, strerror(errno));
    for (const char *c = text; *c; c++)
        p.room += *c == '\n';
    p.x = _arb_vec_init((slong)p.room * d);
    for (; (line = strsep(&rest, "\n")); at_line++)
        if (line[strspn(line, " \t\r")] && *line != '#') {
            read_point(p.x + (slong)p.count * d, d, line, at_line + 1);
            p.count++;
        }
    if (p.count == 0)
        jf_fail(2, "%s: no rows found, one of %ld numbers expected",
                given.points, (long)d);
    free(text);
    return p;
}

static void at_points(const flow *f, const points *p)
{
    slong d = f->map.d;
    for (size_t k = 0; k < p->count; k++) {
        flow_value v;
        char quantity[48];
        flow_value_init(&v, d, 0);
        flow_evaluate(&v, f, &(flow_place){.centre = p->x + (slong)k * d});
        snprintf(quantity, sizeof quantity, "log_det_%zu", k + 1);
        print_ball("first", quantity, v.log_det);
        snprintf(quantity, sizeof quantity, "log_q_%zu", k + 1);
        print_ball("first", quantity, v.log_q);
        flow_value_clear(&v);
    }
}

int main(int argc, char **argv)
{
    static const jf_option own[] = {
        {"flow=FILE", "the flow, if it does not stand first", NULL,
         &given.flows[0]},
        {"flow2=FILE", "another one, to compare with", NULL, &given.flows[1]},
        {"box=A,B,C,D", "from A to B and from C to D", NULL, &given.box},
        {"density=LAW", "of the data on the box: uniform or normal [uniform]",
         NULL, &given.density},
        {"boxes=N", "parts a side, a power of 2 [64]", NULL, &given.boxes},
        {"tolerance=T",
         "radius of a part's mean; else it is cut [32/N^4 by Taylor models, "
         "32/N^2 where a flow has none]",
         NULL, &given.tolerance},
        {"apart=C", "P(|difference| >= C), of two flows [0.5]", NULL,
         &given.apart},
        {"points=FILE", "a row of numbers a line: log q and log|det J| there",
         NULL, &given.points},
        {0}};
    char version[64];
    flow flows[2];
    if (argc > 1 && argv[1][0] != '-') {
        given.flows[0] = argv[1];
        argv[1] = argv[0];
        argc--, argv++;
    }
    stop_without_memory();
    snprintf(version, sizeof version, "FLINT %s", FLINT_VERSION);
    jf_args args = jf_args_read_program(
        argc, argv,
        &(jf_program){about, own, ends_of, version, "help version threads"});
    if (!given.flows[0])
        jf_fail(2, "a parameter file expected; see --help");
    if (!given.box && !given.points)
        jf_fail(2, "--box or --points expected; see --help");
    if (given.apart && !given.flows[1])
        jf_fail(2, "--apart without --flow2 found, two flows expected");
    for (int k = 0; k < 2 && given.flows[k]; k++)
        flow_read(&flows[k], given.flows[k]);
    box_task task = {0};
    points p = {0};
    if (given.points)
        p = read_points(flows[0].map.d);
    if (given.box)
        task = task_of(flows, args.threads);
    puts("flow,quantity,lower,upper");
    if (given.box)
        on_box(&task);
    if (given.points) {
        at_points(&flows[0], &p);
        _arb_vec_clear(p.x, (slong)p.room * flows[0].map.d);
    }
    for (int k = 0; k < 2 && given.flows[k]; k++)
        flow_clear(&flows[k]);
    flint_cleanup();
    return 0;
}
