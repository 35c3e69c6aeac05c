/* target.h -- what reads bytes from outside, for the fuzzer and for the test
 * that repeats what it found.
 *
 * A target takes any bytes: it reads them as its program would, and calls
 * demand for what must hold whatever they are.  Bytes that cannot be read are
 * refused by one line, whose only control character ends it. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

typedef void fuzz_add(const void *bytes, size_t size, void *arg);

typedef struct {
    const char *name;
    void (*run)(const uint8_t *bytes, size_t size);
    void (*seeds)(fuzz_add *add, void *arg); /* good inputs; NULL: none */
} fuzz_target;

/* The last has no name. */
extern const fuzz_target fuzz_targets[];

/* The path of a file that holds these bytes, until the next call. */
const char *fuzz_file(const void *bytes, size_t size);

/* A folder that holds them as NAME, likewise. */
const char *fuzz_folder(const char *name, const void *bytes, size_t size);

/* Call f(arg) as a program: 0 when it returns, or the status with which it
 * stops, after which all is freed that it has allocated.  Lines that it writes
 * to stderr are counted and not shown. */
int fuzz_call(void (*f)(void *arg), void *arg);
size_t fuzz_lines(void); /* of the last call; SIZE_MAX: no sound lines */

/* Every option of a target, not only the one that the bytes choose. */
extern int fuzz_all;

/* Inputs that could be read, and all. */
extern unsigned long fuzz_read, fuzz_runs;

/* CRC-32 of zlib. */
uint32_t fuzz_crc(const void *bytes, size_t size);

/* A copy of a parameter file whose size and checksum are right; NULL: too
 * short, or no memory.  free() it. */
uint8_t *fuzz_sound_theta(const uint8_t *bytes, size_t size);

/* End the process unless condition holds. */
void demand(int condition, const char *what);

#endif
