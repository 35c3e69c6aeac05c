/* theta.h -- files of parameters: what they are the parameters of, as one line
 * of text, then named arrays.
 *
 * Bytes, in the writer's order and without gaps:
 *
 *     "JFTHETA\n"   u32 version 2   u32 0x01020304   u32 bytes of a real
 *     u64 bytes of the whole file
 *     u64 bytes of the description, then those, without a final zero
 *     u64 sections, at most 64, each of a name of its own
 *     per section   u32 bytes of its name, then those; u32 type; u64 count;
 *                   count numbers: type 0 reals (4 or 8 bytes, IEEE), 1 doubles
 *                   (8), 2 u64, 3 bytes of text
 *     u32 CRC-32 of all before (zlib, polynomial 0xedb88320)
 *
 * What the sections of a flow's file are: train/model.h.  Version 1 had a list
 * of layer names in place of the description, and is refused. */
#ifndef JF_THETA_H
#define JF_THETA_H

#include "base/real.h"

typedef enum { JF_REALS, JF_DOUBLES, JF_WORDS, JF_BYTES } jf_section_type;

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
int jf_theta_write(const char *path, const char *description,
                   const jf_section *sections, size_t n_sections);

/* Read the sections asked for from a file of the same description; others are
 * skipped.  The double build reads the reals of a float file as well, exactly.
 * Nothing is stored unless everything is right.  GSL_EFAILED, after one line on
 * stderr that says what was found and what was expected: no file, no parameter
 * file, another version or byte order, double in the float build, truncated,
 * longer than it says, damaged (checksum), another description, sections
 * missing, of another size, of one name. */
int jf_theta_read(const char *path, const char *description,
                  const jf_section *sections, size_t n_sections);

/* The same in steps, for a reader that does not know what the file is of: its
 * description, the number of elements of a section (0: none of that name), then
 * the sections asked for. */
typedef struct jf_theta_file jf_theta_file;
int jf_theta_open(const char *path, jf_theta_file **file);
const char *jf_theta_description(const jf_theta_file *file);
size_t jf_theta_count(const jf_theta_file *file, const char *name);
int jf_theta_take(const jf_theta_file *file, const jf_section *sections,
                  size_t n_sections);
void jf_theta_close(jf_theta_file *file);

#endif
