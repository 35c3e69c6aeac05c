#!/bin/sh
# FFTW 3.3.10: a planned cosine transform asks for memory each time it runs.
#
# A plan is made once so that running it only computes; for complex and real
# Fourier transforms of these lengths that is so.  fftw_execute of REDFT10 or
# REDFT01 (the cosine transform and its inverse) allocates and frees a buffer of
# the length of a row at every call, also of one row: a loop without allocations,
# a thread with a small arena or a real-time deadline meets it.  A Fourier
# transform of the same length on reordered entries gives the same numbers
# without.
#
# Seen with Debian 12's libfftw3-double3 3.3.10-1 (amd64), FFTW_ESTIMATE,
# allocations in ten calls:
#     n = 64:    REDFT10 10  REDFT01 10  R2HC 0  complex 0
#     n = 1024:  REDFT10 10  REDFT01 10  R2HC 0  complex 0
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=3.3.10-1
apt-get download -q -o APT::Sandbox::User=root "libfftw3-double3=$version" \
    >log 2>&1 || {
    cat log
    echo "libfftw3-double3 $version cannot be had from this machine's sources" >&2
    exit 1
}
dpkg -x libfftw3-double3_*.deb .
cat >count.c <<'C'
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

/* Of fftw3.h, which is in another package. */
typedef struct fftw_plan_s *fftw_plan;
extern const char fftw_version[];
fftw_plan fftw_plan_r2r_1d(int n, double *in, double *out, int kind, unsigned f);
fftw_plan fftw_plan_dft_1d(int n, void *in, void *out, int sign, unsigned f);
void fftw_execute(fftw_plan plan);
enum { R2HC = 0, REDFT01 = 4, REDFT10 = 5, ESTIMATE = 64 };

/* Every allocation of the process is counted. */
static long count;
void *__libc_malloc(size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void *malloc(size_t size)
{
    count++;
    return __libc_malloc(size);
}
void *memalign(size_t alignment, size_t size)
{
    count++;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **out, size_t alignment, size_t size)
{
    count++;
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

static long in_ten(fftw_plan plan)
{
    long before;
    fftw_execute(plan);
    before = count;
    for (int k = 0; k < 10; k++)
        fftw_execute(plan);
    return count - before;
}

int main(void)
{
    static double in[2048], out[2048];
    int changed = 0;
    puts(fftw_version);
    for (int n = 64; n <= 1024; n *= 16) {
        long c = in_ten(fftw_plan_r2r_1d(n, in, out, REDFT10, ESTIMATE));
        long i = in_ten(fftw_plan_r2r_1d(n, in, out, REDFT01, ESTIMATE));
        long r = in_ten(fftw_plan_r2r_1d(n, in, out, R2HC, ESTIMATE));
        long f = in_ten(fftw_plan_dft_1d(n, in, out, -1, ESTIMATE));
        printf("n = %d: REDFT10 %ld  REDFT01 %ld  R2HC %ld  complex %ld\n", n, c,
               i, r, f);
        changed |= c != 10 || i != 10 || r != 0 || f != 0;
    }
    puts(changed ? "changed" : "as stated");
    return changed;
}
C
cc -w -o count count.c usr/lib/*/libfftw3.so.3 -lm
LD_LIBRARY_PATH=$(echo usr/lib/*/) ./count
