/* theta.h -- files of parameters: named layers, then named arrays.
 *
 * Bytes, in the writer's order and named by a tag:
 *
 *     "JFTHETA\n"   u32 version   u32 0x01020304   u32 bytes of a real
 *     u64 bytes of the whole file, u64 layers, u64 sections
 *     per layer     name, u64 d, u64 parameters
 *     per section   name, u32 type, u64 count, then count numbers
 *     u32 CRC-32 of all before (zlib)
 *
 * where a name is u32 length and so many bytes. */
#ifndef JF_THETA_H
#define JF_THETA_H

#include "base/real.h"

/* A layer as a file knows it: count parameters on d dimensions. */
typedef struct {
    const char *name;
    size_t d, count;
} jf_theta_layer;

typedef enum { JF_REALS, JF_DOUBLES, JF_WORDS } jf_section_type; /* uint64_t */

/* A named array of the file.  When reading, data receives the numbers. */
typedef struct {
    const char *name;
    jf_section_type type;
    size_t count;
    void *data;
    int optional; /* reading: may be absent, and then data stays */
    int *found;   /* reading: whether it was there; may be NULL  */
} jf_section;

/* Write a file (io/output.h): it appears under its name only when whole, and
 * until then the old one stays.  GSL_EFAILED, after one line on stderr. */
int jf_theta_write(const char *path, const jf_theta_layer *layers,
                   size_t n_layers, const jf_section *sections,
                   size_t n_sections);

/* Read the sections asked for from a file of the same layers; others are
 * skipped.  Nothing is stored unless everything is right.  GSL_EFAILED, after
 * one line on stderr that says what was found and what was expected: no file,
 * no parameter file, another version, byte order or precision, truncated,
 * longer than it says, damaged (checksum), other layers, sections missing or
 * of another size. */
int jf_theta_read(const char *path, const jf_theta_layer *layers,
                  size_t n_layers, const jf_section *sections,
                  size_t n_sections);

#endif
