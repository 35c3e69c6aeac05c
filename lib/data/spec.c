/* spec.c -- built-in tables, toys and files under one name. */
#include "data/spec.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "data/toy.h"

enum { TOY_ROWS = 10000 };

static const struct {
    const char *name;
    size_t n, d;
    const char *about;
} built_in[] = {
    {"iris", 150, 4, "sizes of iris flowers"},
    {"wine", 178, 13, "chemistry of Italian wines"},
    {"diabetes", 442, 10, "patients' age, sex and blood, not scaled"},
    {"breast-cancer", 569, 30, "shapes of cell nuclei"},
    {"digits", 1797, 64, "8 x 8 images of digits, whole numbers 0 .. 16"},
};
enum { BUILT_IN = sizeof built_in / sizeof *built_in };

void jf_data_list(FILE *to)
{
    size_t count;
    const jf_toy *toys = jf_toys(&count);
    fprintf(to, "%-18s %6s %4s\n", "name", "n", "d");
    for (size_t k = 0; k < BUILT_IN; k++)
        fprintf(to, "%-18s %6zu %4zu  %s\n", built_in[k].name, built_in[k].n,
                built_in[k].d, built_in[k].about);
    for (size_t k = 0; k < count; k++)
        fprintf(to, "toy:%-14s %6d %4zu  %s\n", toys[k].name, TOY_ROWS,
                toys[k].d, toys[k].about);
}

static int load_toy(const char *spec, unsigned long seed, jf_dataset *out)
{
    char name[32];
    const char *start = spec + strlen("toy:"), *rows = strchr(start, ':');
    size_t length = rows ? (size_t)(rows - start) : strlen(start);
    unsigned long n = TOY_ROWS;
    char *end = NULL;

    snprintf(name, sizeof name, "%.*s", (int)length, start);
    const jf_toy *toy = jf_toy_find(name);
    if (!toy)
        return jf_refuse(spec, 0,
                         "no toy density of this name; --data list shows "
                         "them");
    if (rows)
        n = strtoul(rows + 1, &end, 10);
    if (rows &&
        (rows[1] < '0' || rows[1] > '9' || *end || n < 2 || n > 100000000))
        return jf_refuse(spec, 0,
                         "'%s' found, a number of rows within 2 .. 1e8 "
                         "expected",
                         rows + 1);
    out->x = jf_matrix_new(n, toy->d);
    JF_TRY_MEMORY(out->x.data);
    snprintf(out->name, sizeof out->name, "toy:%s", name);
    jf_toy_fill(toy, out->x, seed);
    return GSL_SUCCESS;
}

static int is_built_in(const char *spec)
{
    size_t k = 0;
    while (k < BUILT_IN && strcmp(spec, built_in[k].name) != 0)
        k++;
    return k < BUILT_IN;
}

static int load_built_in(const char *name, const jf_data_options *options,
                         jf_dataset *out)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.csv", jf_data_folder(), name);
    JF_TRY(jf_data_read_as(path, options, out));
    free(out->notes.data);
    out->notes = (jf_text){0};
    snprintf(out->name, sizeof out->name, "%s", name);
    return GSL_SUCCESS;
}

int jf_data_load(const char *spec, const jf_data_options *options,
                 unsigned long seed, jf_dataset *out)
{
    int toy = strncmp(spec, "toy:", 4) == 0;
    *out = (jf_dataset){0};
    if ((toy || is_built_in(spec)) && options && options->size)
        return jf_refuse(spec, 0,
                         "a built-in table found, pictures expected, which "
                         "--size scales");
    if (toy)
        return load_toy(spec, seed, out);
    if (is_built_in(spec))
        return load_built_in(spec, options, out);
    if (!strpbrk(spec, "./") && access(spec, F_OK) != 0)
        return jf_refuse(spec, 0,
                         "neither a built-in name (--data list) nor a "
                         "file");
    return jf_data_read_as(spec, options, out);
}
