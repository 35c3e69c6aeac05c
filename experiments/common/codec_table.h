/* codec_table.h -- data/codecs.csv: what lossless codecs need for pictures, by
 * the CRC-32 of their pixels. */
#ifndef CODEC_TABLE_H
#define CODEC_TABLE_H

#include "io/csv.h"

enum { CODEC_VERSION = 64 };

typedef struct {
    double bytes; /* NaN: not known */
    char version[CODEC_VERSION];
} codec_rate;

typedef struct {
    jf_texts rows;
    size_t size, crc, method, bytes, version; /* columns */
} codec_table;

/* Ends the program with status 2 when it cannot be read. */
codec_table codec_table_read(void);
void codec_table_free(codec_table *t);

/* The rate of a picture of size x size pixels; 0: it is not there. */
int codec_table_find(const codec_table *t, size_t size, unsigned long crc,
                     const char *method, codec_rate *out);

#endif
