/* clones.h -- code for the vectors that the processor has, chosen at run time.
 *
 * JF_CLONES compiles a loop for several vector lengths; for static functions
 * that are loops alone, whose names Clang 14 to 16 wants to be unique in a
 * program.  Nothing where the compiler or the loader cannot choose, or a
 * sanitizer must see every access.
 *
 * JF_WIDE and JF_MIDDLE are for functions on vectors of 64 and of 32 bytes
 * that the caller chooses, by jf_has_wide() and jf_has_middle(); they exist
 * where JF_X86 is 1. */
#ifndef JF_CLONES_H
#define JF_CLONES_H

/* Longer vectors are not chosen by those two.  Tests alone lower it, to meet the
 * code for other processors. */
extern int jf_vector_bytes;

#if defined(__GNUC__) && defined(__x86_64__)
#define JF_X86 1
#define JF_MIDDLE __attribute__((target("avx2,fma")))
#ifdef __clang__ /* has 64 bytes wherever it may, and no word for it */
#define JF_WIDE __attribute__((target("avx512f")))
#else
#define JF_WIDE __attribute__((target("avx512f,prefer-vector-width=512")))
#endif

static inline int jf_has_wide(void)
{
    return jf_vector_bytes >= 64 && __builtin_cpu_supports("avx512f");
}

static inline int jf_has_middle(void)
{
    return jf_vector_bytes >= 32 && __builtin_cpu_supports("avx2") &&
           __builtin_cpu_supports("fma");
}
#else
#define JF_X86 0
#endif

#ifdef __has_feature /* Clang's way to tell */
#define JF_SANITIZED                                                           \
    (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define JF_SANITIZED 1
#else
#define JF_SANITIZED 0
#endif

#if JF_X86 && defined(__linux__) && !JF_SANITIZED
#define JF_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define JF_CLONES
#endif

#endif
