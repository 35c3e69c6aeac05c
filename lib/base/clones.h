/* clones.h -- a loop compiled for several vector lengths, chosen at run time.
 *
 * For static functions that are loops alone.  Nothing where the compiler or
 * the loader cannot choose, or a sanitizer must see every access. */
#ifndef JF_CLONES_H
#define JF_CLONES_H

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) &&         \
    defined(__linux__) && !defined(__SANITIZE_ADDRESS__) &&                    \
    !defined(__SANITIZE_THREAD__)
#define JF_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define JF_CLONES
#endif

#endif
