/* codec_table.c -- one table of text, looked through row by row. */
#include "codec_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment.h"

static size_t column(const jf_texts *t, const char *path, const char *name)
{
    size_t k = jf_texts_column(t, name);
    if (k == t->columns)
        jf_fail(2, "%s: no column %s", path, name);
    return k;
}

codec_table codec_table_read(void)
{
    codec_table t;
    char path[4096];
    snprintf(path, sizeof path, "%s/codecs.csv", jf_data_folder());
    if (jf_texts_read(path, &t.rows) != GSL_SUCCESS)
        jf_end(2);
    t.size = column(&t.rows, path, "size");
    t.crc = column(&t.rows, path, "crc32");
    t.method = column(&t.rows, path, "method");
    t.bytes = column(&t.rows, path, "bytes");
    t.version = column(&t.rows, path, "version");
    return t;
}

void codec_table_free(codec_table *t)
{
    jf_texts_free(&t->rows);
}

int codec_table_find(const codec_table *t, size_t size, unsigned long crc,
                     const char *method, codec_rate *out)
{
    for (size_t i = 1; i < t->rows.rows; i++)
        if (strtoull(jf_texts_field(&t->rows, i, t->size), NULL, 10) == size &&
            strtoul(jf_texts_field(&t->rows, i, t->crc), NULL, 16) == crc &&
            strcmp(jf_texts_field(&t->rows, i, t->method), method) == 0) {
            out->bytes = (double)strtoull(jf_texts_field(&t->rows, i, t->bytes),
                                          NULL, 10);
            snprintf(out->version, sizeof out->version, "%s",
                     jf_texts_field(&t->rows, i, t->version));
            return 1;
        }
    return 0;
}
