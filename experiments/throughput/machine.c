/* machine.c -- what the machine itself can do.
 *
 *   fma    fused multiply-adds on registers: accumulators enough to hide their
 *          latency, in the widest vectors of this processor, two operations
 *          each; of the build's precision
 *   gemm   the best square product of OpenBLAS, one on each thread
 *   triad  a := b + s c on arrays that no cache holds, 3 reals each
 *   touch  writing to pages that were never used
 *
 * Built with -ffp-contract=fast, so that a b + c is one instruction. */
#include "throughput.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <omp.h>

double throughput_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

const char *const ceiling_names[CEILINGS] = {"fma", "gemm", "triad", "touch"};

enum { SUMS = 12, FMA_ROUNDS = 1 << 19, LENGTH = 1 << 23, TOUCHED = 1 << 26 };

/* A loop over SUMS vectors of bytes bytes each; it returns an entry, so that
 * the loop is not idle. */
#define FMA_LOOP(name, bytes, attribute)                                       \
    typedef real name##_vector __attribute__((vector_size(bytes)));            \
    attribute static real name(real factor, real term)                         \
    {                                                                          \
        name##_vector sum[SUMS], x = factor - (name##_vector){0};              \
        name##_vector y = term - (name##_vector){0};                           \
        for (int k = 0; k < SUMS; k++)                                         \
            sum[k] = y * (real)k;                                              \
        for (size_t r = 0; r < FMA_ROUNDS; r++) {                              \
            _Pragma("GCC unroll 12") for (int k = 0; k < SUMS; k++) sum[k] =   \
                sum[k] * x + y;                                                \
        }                                                                      \
        for (int k = 1; k < SUMS; k++)                                         \
            sum[0] += sum[k];                                                  \
        return sum[0][0];                                                      \
    }

FMA_LOOP(fma_plain, 16, )
#if defined(__x86_64__)
FMA_LOOP(fma_avx2, 32, __attribute__((target("avx2,fma"))))
FMA_LOOP(fma_avx512, 64, __attribute__((target("avx512f"))))
#endif

typedef struct {
    real (*loop)(real factor, real term);
    size_t bytes;
} kernel;

static kernel widest(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return (kernel){fma_avx512, 64};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return (kernel){fma_avx2, 32};
#endif
    return (kernel){fma_plain, 16};
}

static double fma_rate(size_t threads)
{
    kernel k = widest();
    double seconds = 0;
    volatile real kept;
#pragma omp parallel num_threads((int)threads) reduction(max : seconds)
    {
#pragma omp barrier
        double start = throughput_seconds();
        kept = k.loop(R(0.999), R(1e-3));
        seconds = throughput_seconds() - start;
    }
    (void)kept;
    return 2.0 * SUMS * FMA_ROUNDS * (double)(k.bytes / sizeof(real)) *
           (double)threads / seconds;
}

/* The corner (size, size) of c := a b / 2, by OpenBLAS, which a factor makes of
 * jf_gemm. */
static void gemm(size_t size, jf_matrix a, jf_matrix b, jf_matrix c)
{
    jf_gemm(JF_PLAIN, JF_PLAIN, R(0.5),
            jf_const(jf_columns(jf_rows(a, 0, size), 0, size)),
            jf_const(jf_columns(jf_rows(b, 0, size), 0, size)), 0,
            jf_columns(jf_rows(c, 0, size), 0, size));
}

static double product_rate(size_t threads, size_t size)
{
    double seconds = 0, n = (double)size;
#pragma omp parallel num_threads((int)threads) reduction(max : seconds)
    {
        jf_matrix a = jf_matrix_new(size, size), b = jf_matrix_new(size, size);
        jf_matrix c = jf_matrix_new(size, size);
        jf_matrix_fill(a, R(0.5));
        jf_matrix_fill(b, R(0.25));
        gemm(64, a, b, c);
#pragma omp barrier
        double start = throughput_seconds();
        gemm(size, a, b, c);
        seconds = throughput_seconds() - start;
        jf_matrix_free(&a);
        jf_matrix_free(&b);
        jf_matrix_free(&c);
    }
    return 2 * n * n * n * (double)threads / seconds;
}

static double gemm_rate(size_t threads)
{
    double best = 0;
    for (size_t size = 512; size <= 1024; size += 512) {
        double rate = product_rate(threads, size);
        best = rate > best ? rate : best;
    }
    return best;
}

static double triad_rate(size_t threads)
{
    static double *a, *b, *c;
    if (!a) {
        a = jf_alloc(LENGTH, sizeof *a);
        b = jf_alloc(LENGTH, sizeof *b);
        c = jf_alloc(LENGTH, sizeof *c);
        memset(b, 0, LENGTH * sizeof *b); /* or all pages are one */
        memset(c, 0, LENGTH * sizeof *c);
        memset(a, 0, LENGTH * sizeof *a);
    }
    double start = throughput_seconds();
#pragma omp parallel for simd num_threads((int)threads)
    for (size_t i = 0; i < LENGTH; i++)
        a[i] = b[i] + 0.5 * c[i];
    return 3.0 * LENGTH * sizeof *a / (throughput_seconds() - start);
}

static double touch_rate(size_t threads)
{
    size_t page = 4096;
    char *data = mmap(NULL, TOUCHED, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED)
        jf_fail(1, "out of memory (%d bytes)", TOUCHED);
    double start = throughput_seconds();
#pragma omp parallel for num_threads((int)threads)
    for (size_t i = 0; i < TOUCHED / page; i++)
        memset(data + i * page, 1, page);
    double seconds = throughput_seconds() - start;
    munmap(data, TOUCHED);
    return TOUCHED / seconds;
}

double machine_rate(ceiling c, size_t threads)
{
    static double (*const rates[CEILINGS])(size_t) = {fma_rate, gemm_rate,
                                                      triad_rate, touch_rate};
    return rates[c](threads);
}
