/* photographs.c -- the list, and the pictures it names. */
#include "photographs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/csv.h"

enum { SET, SIDE, PATH, PACKAGE, BYTES, COLUMNS };

/* The columns that programs read; the others are for people. */
typedef struct {
    char path[4096];
    jf_texts rows;
    size_t column[COLUMNS];
} photograph_list;

static const char *field(const photograph_list *l, size_t row, int column)
{
    return jf_texts_field(&l->rows, row, l->column[column]);
}

static int is_held(const photograph_list *l, size_t row)
{
    return strcmp(field(l, row, SIDE), "held") == 0;
}

static void read_list(photograph_list *l)
{
    static const char *const names[] = {"set", "side", "path", "package",
                                        "bytes"};
    snprintf(l->path, sizeof l->path, "%s/photographs.csv", jf_data_folder());
    if (jf_texts_read(l->path, &l->rows) != GSL_SUCCESS)
        jf_end(2);
    for (int k = 0; k < COLUMNS; k++) {
        l->column[k] = jf_texts_column(&l->rows, names[k]);
        if (l->column[k] == l->rows.columns)
            jf_fail(2, "%s: no column %s", l->path, names[k]);
    }
    for (size_t i = 1; i < l->rows.rows; i++)
        if (!is_held(l, i) && strcmp(field(l, i, SIDE), "train") != 0)
            jf_fail(2, "%s: row %zu: side '%s' found, train or held expected",
                    l->path, i, field(l, i, SIDE));
}

static int is_there(const photograph_list *l, size_t row)
{
    struct stat info;
    return stat(field(l, row, PATH), &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_size == strtoll(field(l, row, BYTES), NULL, 10);
}

int photographs_exist(void)
{
    const char *wish = getenv("PHOTOGRAPHS");
    photograph_list l;
    size_t missing = 0, first = 0;
    if (wish && strcmp(wish, "no") == 0)
        return 0;
    if (wish && *wish && strcmp(wish, "yes") != 0)
        jf_fail(2, "PHOTOGRAPHS=%s found, yes or no expected", wish);
    read_list(&l);
    for (size_t i = l.rows.rows; i-- > 1;)
        if (!is_there(&l, i)) {
            missing++;
            first = i;
        }
    if (missing)
        fprintf(stderr,
                "no photographs: %zu of the %zu of %s missing or changed, such "
                "as %s of %s\n",
                missing, l.rows.rows - 1, l.path, field(&l, first, PATH),
                field(&l, first, PACKAGE));
    int all = l.rows.rows > 1 && !missing;
    jf_texts_free(&l.rows);
    return all;
}

static int is_one_of(const char *sets, const char *set)
{
    char all[256], one[32];
    snprintf(all, sizeof all, " %s ", sets);
    snprintf(one, sizeof one, " %s ", set);
    return strstr(all, one) != NULL;
}

photographs photographs_open(const char *sets, jf_team *team)
{
    photographs all = {0};
    photograph_list l;
    size_t found = 0;
    read_list(&l);
    const char **paths = jf_alloc(l.rows.rows, sizeof *paths);
    for (int held = 0; held < 2; held++) {
        if (held)
            all.train = found;
        for (size_t i = 1; i < l.rows.rows; i++)
            if (is_one_of(sets, field(&l, i, SET)) && is_held(&l, i) == held)
                paths[found++] = field(&l, i, PATH);
    }
    all.images = jf_images_list(paths, found, PHOTOGRAPH_SIDE);
    if (!all.images ||
        jf_images_hold(all.images, PHOTOGRAPH_SIDE, team) != GSL_SUCCESS)
        jf_end(2);
    free(paths);
    jf_texts_free(&l.rows);
    return all;
}

size_t photographs_held(const char *set)
{
    photograph_list l;
    size_t count = 0;
    read_list(&l);
    for (size_t i = 1; i < l.rows.rows; i++)
        count += is_held(&l, i) && strcmp(field(&l, i, SET), set) == 0;
    jf_texts_free(&l.rows);
    return count;
}
