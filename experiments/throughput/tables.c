/* tables.c -- from measured times to rows, and what is printed. */
#include "throughput.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const jf_args *args;
    const seat *seats;
    size_t count, most; /* most: threads */
    double others;      /* processors that other programs kept busy */
} results;

static const char *precision_name(int precision)
{
    return precision == FLOAT ? "float" : "double";
}

static size_t size_of(int precision)
{
    return precision == FLOAT ? sizeof(float) : sizeof(double);
}

static int is_own(const seat *s)
{
    return strcmp(s->who, "jacflow") == 0;
}

static spread spread_at(const seat *s, size_t m)
{
    return spread_of(s->count[m], s->values[m]);
}

/* The rate of a ceiling; bandwidths are of the float program. */
static double ceiling_of(const results *r, ceiling c, int precision,
                         size_t threads)
{
    if (c >= TRIAD)
        precision = FLOAT;
    for (size_t i = 0; i < r->count; i++) {
        const seat *s = &r->seats[i];
        if (!s->w && s->precision == precision && s->threads == threads)
            return spread_at(s, c).median;
    }
    return (double)NAN;
}

/* Our own worker of a workload; NULL: none. */
static const seat *own_seat(const results *r, const workload *w, int precision,
                            size_t threads)
{
    for (size_t i = 0; i < r->count; i++) {
        const seat *s = &r->seats[i];
        if (s->w == w && is_own(s) && s->precision == precision &&
            s->threads == threads)
            return s;
    }
    return NULL;
}

/* The fastest of ours, or of the peers; NULL: none. */
static const seat *best_seat(const results *r, const workload *w, mode m,
                             int precision, int own)
{
    const seat *best = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const seat *s = &r->seats[i];
        if (s->w == w && is_own(s) == own && s->precision == precision &&
            s->count[m] &&
            (!best || spread_at(s, m).median < spread_at(best, m).median))
            best = s;
    }
    return best;
}

static double bound_of(const results *r, const workload *w, mode m,
                       int precision, size_t threads)
{
    return workload_operations(w, m) / ceiling_of(r, FMA, precision, threads);
}

static void machine_table(const results *r)
{
    static const char *const units[] = {"GFLOP/s", "GFLOP/s", "GB/s", "GB/s"};
    jf_table *out = jf_table_new(
        r->args, "throughput-machine",
        "quantity,precision,threads,value,lower_quartile,upper_quartile,unit",
        1);
    for (size_t i = 0; i < r->count; i++)
        for (size_t c = 0; !r->seats[i].w && c < CEILINGS; c++) {
            const seat *s = &r->seats[i];
            if (s->count[c] == 0)
                continue;
            spread v = spread_at(s, c);
            jf_table_row(
                out, 0, "%s,%s,%zu,%.5g,%.5g,%.5g,%s", ceiling_names[c],
                c < TRIAD ? precision_name(s->precision) : "bytes", s->threads,
                v.median * 1e-9, v.lower * 1e-9, v.upper * 1e-9, units[c]);
        }
    jf_table_row(out, 0, "others,,%zu,%.3f,nan,nan,processors", r->most,
                 r->others);
    jf_table_finish(out, 0);
    jf_table_close(out);
}

/* 1: theta after the warm-up's steps has the bytes that one thread gives it. */
static int same_theta(const results *r, const seat *s)
{
    const seat *one = own_seat(r, s->w, s->precision, 1);
    return !one || one->digest == s->digest;
}

static void own_row(const results *r, jf_table *out, const seat *s, mode m)
{
    const workload *w = s->w;
    spread t = spread_at(s, m);
    double operations = workload_operations(w, m);
    double bytes = workload_bytes(w, m, size_of(s->precision));
    double peak = ceiling_of(r, FMA, s->precision, s->threads);
    double gemm = ceiling_of(r, GEMM, s->precision, s->threads);
    double triad = ceiling_of(r, TRIAD, s->precision, s->threads);
    double rate = operations / t.median, roof = operations / bytes * triad;
    roof = roof < peak ? roof : peak;
    jf_table_row(
        out, 0,
        "%s,%s,%s,%zu,%zu,%.6g,%.5g,%.5g,%.4f,%.1f,%zu,%.6g,%.6g,%.6g,%.6g,"
        "%.6g,%zu,%.5g,%.5g,%.4f,%.5g,%.5g,%.4f,%.1f,%lu,%d,%.2f,%.4g",
        w->name, mode_names[m], precision_name(s->precision), s->threads,
        w->rows[m], (double)w->rows[m] / t.median, rate * 1e-9, peak * 1e-9,
        rate / peak, s->peak_mib, s->params, t.median * 1e3, t.lower * 1e3,
        t.upper * 1e3, t.least * 1e3, s->busy[m] * 1e3, s->count[m],
        operations / peak * 1e3, gemm * 1e-9, rate / gemm, operations / bytes,
        roof * 1e-9, rate / roof, s->arena_mib, s->digest, same_theta(r, s),
        s->first, seat_joules(s, m, t.median));
}

static void own_table(const results *r)
{
    jf_table *out = jf_table_new(
        r->args, "throughput",
        "workload,mode,precision,threads,rows,samples_per_second,gflops,"
        "peak_gflops,fraction_of_peak,peak_mib,params,milliseconds,"
        "lower_quartile_ms,upper_quartile_ms,least_ms,processor_ms,repetitions,"
        "bound_ms,"
        "gemm_gflops,"
        "fraction_of_gemm,flops_per_byte,roof_gflops,fraction_of_roof,"
        "arena_mib,theta_crc32,same_theta,first_step_s,joules",
        1);
    for (size_t i = 0; i < r->count; i++)
        for (size_t m = 0; m < MODES; m++)
            if (r->seats[i].w && is_own(&r->seats[i]) && r->seats[i].count[m])
                own_row(r, out, &r->seats[i], (mode)m);
    jf_table_finish(out, 0);
    jf_table_close(out);
}

static void peer_row(const results *r, jf_table *out, const seat *s, mode m)
{
    const seat *ours = best_seat(r, s->w, m, s->precision, 1);
    const seat *best = best_seat(r, s->w, m, s->precision, 0);
    spread t = spread_at(s, m);
    double own = ours ? spread_at(ours, m).median : (double)NAN;
    jf_table_row(out, 0,
                 "%s,%s,%s,%s,%s,%zu,%d,%.6g,%.6g,%.6g,%.6g,%.6g,%zu,%.6g,%.1f,"
                 "%zu,%.6g,%.1f,%.4g,%.5g,%.2f,%.2f,%g,%.4g,%.4g",
                 s->w->name, mode_names[m], precision_name(s->precision),
                 s->name, s->who, s->threads, s == best, t.median * 1e3,
                 t.lower * 1e3, t.upper * 1e3, t.least * 1e3, s->busy[m] * 1e3,
                 s->count[m], (double)s->w->rows[m] / t.median, s->peak_mib,
                 ours ? ours->threads : 0, own * 1e3,
                 ours ? ours->peak_mib : (double)NAN, t.median / own,
                 bound_of(r, s->w, m, s->precision, r->most) * 1e3, s->first,
                 ours ? ours->first : (double)NAN, s->w->asked[m],
                 seat_joules(s, m, t.median),
                 ours ? seat_joules(ours, m, own) : (double)NAN);
}

/* None at all without peers: an old table would speak of another run. */
static void peer_table(const results *r)
{
    jf_table *out = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const seat *s = &r->seats[i];
        if (!s->w || is_own(s))
            continue;
        if (!out)
            out = jf_table_new(
                r->args, "throughput-peers",
                "workload,mode,precision,peer,setting,threads,best,"
                "milliseconds,"
                "lower_quartile_ms,upper_quartile_ms,least_ms,processor_ms,"
                "repetitions,"
                "samples_per_second,peak_mib,our_threads,our_milliseconds,"
                "our_peak_mib,ratio,bound_ms,first_step_s,our_first_step_s,"
                "asked,joules,our_joules",
                1);
        for (size_t m = 0; m < MODES; m++)
            if (s->count[m])
                peer_row(r, out, s, (mode)m);
    }
    if (out) {
        jf_table_finish(out, 0);
        jf_table_close(out);
        return;
    }
    jf_text path = {0};
    jf_text_add(&path, "%s/throughput-peers.csv", r->args->out);
    remove(path.data);
    free(path.data);
}

static void print_machine(const results *r)
{
    printf("machine, 1 and %zu threads:", r->most);
    for (int c = FMA; c < CEILINGS; c++)
        for (int p = FLOAT; p <= (c < TRIAD ? DOUBLE : FLOAT); p++)
            printf("%s %s%s %.4g / %.4g", c || p > FLOAT ? "," : "",
                   ceiling_names[c],
                   c >= TRIAD   ? ""
                   : p == FLOAT ? " float"
                                : " double",
                   ceiling_of(r, (ceiling)c, p, 1) * 1e-9,
                   ceiling_of(r, (ceiling)c, p, r->most) * 1e-9);
    printf(" G(FLOP, B)/s\n");
}

static void print_time(const seat *s, mode m)
{
    if (s && s->count[m])
        printf(" %10.3f", spread_at(s, m).median * 1e3);
    else
        printf(" %10s", "-");
}

/* Processor time of one thread over its bound: what a machine that others use
 * as well tells best. */
static void print_busy(const results *r, const seat *one, mode m)
{
    if (one && one->count[m])
        printf(" %7.2f",
               one->busy[m] / bound_of(r, one->w, m, one->precision, 1));
    else
        printf(" %7s", "-");
}

static void print_line(const results *r, const workload *w, mode m,
                       int precision)
{
    const seat *best = best_seat(r, w, m, precision, 1);
    const seat *peer = best_seat(r, w, m, precision, 0);
    if (!best)
        return;
    double time = spread_at(best, m).median;
    double bound = bound_of(r, w, m, precision, r->most);
    double gemm = workload_operations(w, m) / time /
                  ceiling_of(r, GEMM, precision, best->threads);
    printf("%-7s %-6s %-8s", w->name, precision_name(precision), mode_names[m]);
    print_time(own_seat(r, w, precision, 1), m);
    print_time(own_seat(r, w, precision, r->most), m);
    printf(" %7.2f", time / bound);
    print_busy(r, own_seat(r, w, precision, 1), m);
    printf(" %7.0f %6.0f", 100 * gemm, best->peak_mib);
    print_time(peer, m);
    if (peer && w->asked[m] > 0)
        printf(" %5.1f", w->asked[m]);
    else
        printf(" %5s", "");
    if (peer)
        printf(" %7.2f %6.0f %6.1f %s %s, %zu",
               spread_at(peer, m).median / time, peer->peak_mib, peer->first,
               peer->name, peer->who, peer->threads);
    printf("\n");
}

static void print_all(const results *r)
{
    print_machine(r);
    printf("%-7s %-6s %-8s %10s %7s %2zu %7s %7s %7s %6s %10s %5s %7s %6s %6s "
           "%s\n",
           "", "", "ms", "1 thread", "threads", r->most, "x bound", "1 busy",
           "% gemm", "MiB", "peer ms", "asked", "x ours", "MiB", "first",
           "best peer");
    for (size_t k = 0; k < n_workloads; k++)
        for (int p = FLOAT; p <= DOUBLE; p++)
            for (size_t m = 0; m < MODES; m++)
                print_line(r, &workloads[k], (mode)m, p);
    printf("x bound: time over that of the shapes' operations at this "
           "machine's own fma rate,\nall threads; 1 busy: the same of one "
           "thread by its processor time; first: seconds to a peer's first "
           "step\n");
}

static int has_peers(const results *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->seats[i].w && !is_own(&r->seats[i]))
            return 1;
    return 0;
}

void throughput_tables(const jf_args *args, const seat *seats, size_t count)
{
    results r = {
        .args = args, .seats = seats, .count = count, .others = seat_others()};
    for (size_t i = 0; i < count; i++)
        r.most = seats[i].threads > r.most ? seats[i].threads : r.most;
    machine_table(&r);
    own_table(&r);
    peer_table(&r);
    print_all(&r);
    if (r.others > 0.1)
        printf("other programs kept %.1f processors busy meanwhile: times by "
               "the clock are no\nbetter than that\n",
               r.others);
    if (!has_peers(&r))
        printf("peers: not measured, their rows are left out (make bench "
               "PEERS=yes)\n");
    for (size_t i = 0; i < count; i++)
        if (seats[i].w && is_own(&seats[i]) && !same_theta(&r, &seats[i]))
            printf("%s: theta depends on the number of threads\n",
                   seats[i].w->name);
}
