/* table.c -- results in CSV (RFC 4180 below the # lines). */
#include "table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_version.h>
#include <zlib.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/number.h"
#include "base/real.h"
#include "data/spec.h"
#include "pieces.h"
#include "stop.h"

/* OpenBLAS's own header clashes with GSL's. */
char *openblas_get_config(void);
char *openblas_get_corename(void);

typedef struct {
    jf_text rows;
    int done, everywhere, left; /* left: out of this run */
} point;

struct jf_table {
    char *path, *partial_path;
    jf_text header; /* # lines and the line of columns */
    jf_text start;  /* of the partial file */
    const char *columns, *not_run;
    point *points;
    size_t count;
    size_t shard, shards; /* shards 0: all points */
    int merging;
    char **pieces; /* other partial files whose points are taken over */
    size_t n_pieces;
    FILE *partial;  /* NULL: nothing is kept */
    int fresh;      /* the partial file has nothing of an earlier run */
    jf_table *next; /* of those that are open */
};

void jf_provenance(const jf_args *args, jf_text *text)
{
    jf_text options = {0};
    jf_text_add(&options, "--profile %s --seed %lu",
                jf_profile_name(args->profile), args->seed);
    if (args->data)
        jf_text_add(&options, " --data %s", args->data);
    if (args->columns)
        jf_text_add(&options, " --columns %s", args->columns);
    if (args->size)
        jf_text_add(&options, " --size %zu", args->size);
    if (args->control)
        jf_text_add(&options, " --negative-control");
    if (args->own)
        jf_text_add(&options, "%s", args->own);
    jf_one_line(options.data);
    jf_text_add(text, "# program: %s\n# options: %s\n# precision: %s\n",
                args->program, options.data, JF_PRECISION);
    free(options.data);
    jf_text_add(text, "# gsl: %s\n# blas: %s\n", gsl_version,
                openblas_get_config());
    jf_text_add(text, "# blas core: %s\n", openblas_get_corename());
}

/* A file that we may not read is one that no run has read; any other that
 * cannot be read is the end of the program. */
static void cannot_read(const char *path)
{
    if (errno != EACCES)
        jf_fail(1, "%s: cannot be read: %s", path, strerror(errno));
}

/* CRC-32 of sum's bytes and those of path. */
static unsigned long add_file(unsigned long sum, const char *path)
{
    unsigned char buffer[1 << 14];
    FILE *f = fopen(path, "rb");
    for (size_t n; f && (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
        sum = crc32(sum, buffer, (unsigned)n);
    if (!f || ferror(f))
        cannot_read(path);
    if (f)
        fclose(f);
    return sum;
}

/* The folders that a path lies in. */
struct above {
    const struct above *next;
    struct stat info;
};

/* The same of path, when it is a file, or else of all files in the folder path
 * and their names. */
static unsigned long add_files(unsigned long sum, const char *path,
                               const struct above *above)
{
    struct above here = {.next = above};
    struct dirent **names;
    if (stat(path, &here.info) != 0)
        return sum;
    for (; above; above = above->next) /* a link to it would have no end */
        if (above->info.st_ino == here.info.st_ino &&
            above->info.st_dev == here.info.st_dev)
            return sum;
    if (S_ISREG(here.info.st_mode)) {
        sum = crc32(sum, (const void *)path, (unsigned)strlen(path) + 1);
        return add_file(sum, path);
    }
    int n =
        S_ISDIR(here.info.st_mode) ? scandir(path, &names, NULL, alphasort) : 0;
    if (n < 0)
        cannot_read(path);
    for (int k = 0; k < n; k++) {
        const char *name = names[k]->d_name;
        jf_text inside = {0};
        jf_text_add(&inside, "%s/%s", path, name);
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
            sum = add_files(sum, inside.data, &here);
        free(inside.data);
        free(names[k]);
    }
    if (n > 0)
        free(names);
    return sum;
}

/* A pipe or a device cannot be read twice. */
static int read_once(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) &&
           !S_ISDIR(info.st_mode);
}

/* Of all that a program may have read: the tables that ship, and the files that
 * its options name, which may be large: once, at its first table.  What cannot
 * be read again was given to this process alone. */
static unsigned long inputs_of_program(const jf_args *args)
{
    static unsigned long sum;
    static int known;
    int once = args->data && read_once(args->data);
    if (known)
        return sum;
    sum = add_files(crc32(0, NULL, 0), jf_data_folder(), NULL);
    if (args->data)
        sum = add_files(sum, args->data, NULL);
    for (size_t i = 0; i < args->n_values; i++) {
        sum = add_files(sum, args->values[i], NULL);
        once = once || read_once(args->values[i]);
    }
    if (once && args->resume)
        jf_fail(2, "--resume of a run that reads a pipe or a device, which "
                   "cannot be read again: a file expected");
    known = 1;
    return sum;
}

/* What the rows of a run were made by and of: no other build of the program,
 * and no other contents of its files, share both numbers. */
static void add_sources(const jf_args *args, jf_text *text)
{
    jf_text_add(text, "#build %lu\n#inputs %lu\n",
                add_file(crc32(0, NULL, 0), "/proc/self/exe"),
                inputs_of_program(args));
}

static int is_ours(const jf_table *t, size_t i)
{
    return !t->shards || i % t->shards == t->shard || t->points[i].everywhere;
}

/* Partial file: the header, "#build N", "#inputs N", then points, each as its
 * rows and "#done i".  Takes those of text over, of another's file only what is
 * ours.  Returns the bytes up to the last whole point, behind which rows are
 * lost; 0: the file is of another run. */
static size_t take(jf_table *t, const char *text, const char *start, int others)
{
    size_t skip = strlen(start);
    if (strncmp(text, start, skip) != 0)
        return 0;
    const char *rows = text + skip;
    for (const char *done; (done = strstr(rows, "#done ")) != NULL;) {
        char *end;
        size_t i = strtoul(done + 6, &end, 10);
        if (end == done + 6 || *end != '\n') /* torn */
            break;
        if (i < t->count && !t->points[i].done && (!others || is_ours(t, i))) {
            jf_text_add(&t->points[i].rows, "%.*s", (int)(done - rows), rows);
            t->points[i].done = 1;
        }
        rows = end + 1;
    }
    return (size_t)(rows - text);
}

/* --merge: the first line in which a partial file differs from ours. */
static void refuse_piece(const jf_table *t, const char *path, const char *text)
{
    const char *expected = t->start.data;
    for (;;) {
        int n = (int)strcspn(text, "\n"), m = (int)strcspn(expected, "\n");
        if (n != m || strncmp(text, expected, (size_t)n) != 0)
            jf_fail(2, "--merge: %s: '%.*s' found, '%.*s' expected", path, n,
                    text, m, expected);
        text += n + (text[n] == '\n');
        expected += m + (expected[m] == '\n');
    }
}

/* What the partial files of other shares have. */
static void take_pieces(jf_table *t, const jf_args *args, const char *name)
{
    char **paths;
    size_t found = jf_pieces_find(args, name, &paths);
    t->pieces = paths;
    for (size_t k = 0; k < found; k++) {
        char *text = jf_file_read(paths[k], NULL);
        if (!text && args->merge)
            jf_fail(1, "%s: cannot read: %s", paths[k], strerror(errno));
        if (text && take(t, text, t->start.data, 1))
            t->pieces[t->n_pieces++] = paths[k];
        else if (args->merge)
            refuse_piece(t, paths[k], text);
        else
            free(paths[k]);
        free(text);
    }
}

static void cannot_write(const jf_table *t)
{
    jf_fail(1, "%s: cannot write: %s", t->partial_path, strerror(errno));
}

static void add_point(jf_text *text, const jf_table *t, size_t i)
{
    const char *rows = t->points[i].rows.data;
    jf_text_add(text, "%s#done %zu\n", rows ? rows : "", i);
}

static void write_partial(jf_table *t, size_t i)
{
    jf_text text = {0};
    if (!t->partial)
        return;
    add_point(&text, t, i);
    if (fputs(text.data, t->partial) == EOF || fflush(t->partial) != 0)
        cannot_write(t);
    free(text.data);
}

/* The partial file, for this process alone as long as it is open; file systems
 * without locks do without. */
static int open_locked(const jf_table *t)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int file = open(t->partial_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        cannot_write(t);
    if (fcntl(file, F_SETLK, &lock) != 0 &&
        (errno == EACCES || errno == EAGAIN)) {
        fcntl(file, F_GETLK, &lock);
        jf_fail(1, "%s: process %ld writes it; another folder expected",
                t->partial_path, (long)lock.l_pid);
    }
    return file;
}

/* Of this run, without what is torn at its end, or new; what was finished stays
 * in it all the time. */
static void open_partial(jf_table *t, int resume)
{
    int file = open_locked(t);
    t->partial = fdopen(file, "r+b");
    if (!t->partial)
        cannot_write(t);
    size_t good = 0;
    if (resume) {
        jf_text text = {0};
        char chunk[1 << 14];
        for (size_t n; (n = fread(chunk, 1, sizeof chunk, t->partial)) > 0;)
            jf_text_bytes(&text, chunk, n);
        if (ferror(t->partial))
            jf_fail(1, "%s: cannot read: %s", t->partial_path, strerror(errno));
        good = text.data ? take(t, text.data, t->start.data, 0) : 0;
        free(text.data);
    }
    if (fseek(t->partial, (long)good, SEEK_SET) != 0 ||
        ftruncate(file, (off_t)good) != 0 ||
        (!good && fputs(t->start.data, t->partial) == EOF))
        cannot_write(t);
    t->fresh = !good;
}

/* Partial files of tables that are closed; those of this process are still open,
 * and locked. */
typedef struct {
    char *path;
    FILE *file;
    int fresh; /* as of the table */
} closed_file;
static closed_file *closed;
static size_t n_closed;

static jf_table *opened;

/* A run that ends with bad input leaves no partial files, but for points that an
 * earlier one had finished. */
static void forget_fresh(void)
{
    for (jf_table *t = opened; t; t = t->next)
        if (t->partial && t->fresh)
            remove(t->partial_path);
    for (size_t i = 0; i < n_closed; i++)
        if (closed[i].fresh)
            remove(closed[i].path);
}

static void enlist(jf_table *t)
{
    t->next = opened;
    opened = t;
    jf_at_refusal(forget_fresh);
}

static void strike_off(const jf_table *t)
{
    jf_table **at = &opened;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
}

/* Ranks that work on the same points have what the first has taken over. */
static void share(jf_table *t, jf_ranks *ranks)
{
    jf_text text = {0};
    for (size_t i = 0; i < t->count && ranks->rank == 0; i++)
        if (t->points[i].done)
            add_point(&text, t, i);
    size_t length = text.length;
    jf_ranks_share(ranks, &length, sizeof length);
    char *all = jf_alloc(length + 1, 1);
    if (ranks->rank == 0 && length)
        memcpy(all, text.data, length);
    jf_ranks_share(ranks, all, length);
    take(t, all, "", 0);
    free(all);
    free(text.data);
}

jf_table *jf_table_new(const jf_args *args, const char *name,
                       const char *columns, size_t points)
{
    jf_table *t = jf_alloc(1, sizeof *t);
    jf_text path = {0};

    jf_text_add(&path, "%s/%s.csv", args->out, name);
    t->path = path.data;
    t->partial_path = jf_piece_path(args, name);
    t->columns = columns;
    t->points = jf_alloc(points, sizeof *t->points);
    t->count = points;
    t->shard = args->shard;
    t->shards = args->shards;
    t->merging = args->merge;
    jf_provenance(args, &t->header);
    jf_text_add(&t->header, "%s\n", columns);
    jf_text_add(&t->start, "%s", t->header.data);
    add_sources(args, &t->start);
    if (jf_output_folder(args->out) != GSL_SUCCESS)
        jf_end(1);
    if (!args->together || args->together->rank == 0) {
        if (!args->merge)
            open_partial(t, args->resume);
        if (args->merge || args->resume)
            take_pieces(t, args, name);
    }
    if (args->together)
        share(t, args->together);
    enlist(t);
    return t;
}

void jf_table_everywhere(jf_table *t, size_t i)
{
    t->points[i].everywhere = 1;
}

const char *jf_table_origin(const jf_table *t)
{
    return t->start.data;
}

/* Of the program: whether a table was not whole, and what --merge misses. */
static int left_out;
static jf_text not_found;

int jf_table_has(const jf_table *t, size_t i)
{
    if (t->points[i].done)
        return 1;
    if (is_ours(t, i) && !t->merging && !jf_stop_asked())
        return 0;
#pragma omp atomic write
    t->points[i].left = 1;
    return 1;
}

void jf_table_leave(jf_table *t, size_t i)
{
    t->points[i].left = 1;
}

static size_t count_left(const jf_table *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++)
        count += t->points[i].left != 0;
    return count;
}

int jf_table_whole(const jf_table *t)
{
    return !t->shards && count_left(t) == 0;
}

static size_t count_commas(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == ',';
    return count;
}

/* A NaN has no sign: which one it has depends on how it was compiled. */
static void drop_signs_of_nan(char *line)
{
    for (char *at = line; (at = strstr(at, "-nan"));)
        memmove(at, at + 1, strlen(at));
}

void jf_table_row(jf_table *t, size_t i, const char *format, ...)
{
    char line[4096];
    va_list list;
    if (t->points[i].done || !is_ours(t, i))
        return;
    va_start(list, format);
    int n = jf_vformat(line, sizeof line, format, list);
    va_end(list);
    if (n < 0 || (size_t)n >= sizeof line)
        jf_fail(1, "%s: a row is longer than %zu characters", t->path,
                sizeof line);
    drop_signs_of_nan(line);
    if (count_commas(line) != count_commas(t->columns))
        jf_fail(1, "%s: a row '%s' does not fit the columns '%s'", t->path,
                line, t->columns);
    jf_text_add(&t->points[i].rows, "%s\n", line);
}

void jf_table_finish(jf_table *t, size_t i)
{
    if (t->points[i].done || !is_ours(t, i))
        return;
#pragma omp critical(jf_table)
    {
        t->points[i].done = 1;
        write_partial(t, i);
    }
}

const char *jf_table_text(const jf_table *t, size_t i)
{
    return t->points[i].rows.data;
}

size_t jf_table_rows(const jf_table *t, size_t i)
{
    size_t rows = 0;
    for (const char *c = t->points[i].rows.data; c && *c; c++)
        rows += *c == '\n';
    return rows;
}

/* The start of field k of a line without quotes. */
static const char *field(const char *line, size_t k)
{
    while (k-- > 0) {
        line += strcspn(line, ",\n");
        if (*line != ',')
            return NULL;
        line++;
    }
    return line;
}

static const char *cell(const jf_table *t, size_t i, size_t row,
                        const char *column)
{
    const char *line = t->points[i].rows.data, *name = t->columns;
    size_t k = 0, length = strlen(column);
    while (name && (strncmp(name, column, length) != 0 ||
                    (name[length] != ',' && name[length] != '\0'))) {
        name = strchr(name, ',');
        name = name ? name + 1 : NULL;
        k++;
    }
    while (line && row-- > 0) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    const char *found = name && line && *line ? field(line, k) : NULL;
    if (!found)
        jf_fail(1, "%s: no column %s in a row of point %zu", t->path, column,
                i);
    return found;
}

double jf_table_number(const jf_table *t, size_t i, size_t row,
                       const char *column)
{
    return jf_to_double(cell(t, i, row, column), NULL);
}

void jf_table_string(const jf_table *t, size_t i, size_t row,
                     const char *column, char *text, size_t size)
{
    const char *start = cell(t, i, row, column);
    snprintf(text, size, "%.*s", (int)strcspn(start, ",\n"), start);
}

static void remember(char *path, FILE *file, int fresh)
{
    closed_file *more = jf_alloc(n_closed + 1, sizeof *more);
    if (n_closed)
        memcpy(more, closed, n_closed * sizeof *more);
    free(closed);
    closed = more;
    closed[n_closed++] = (closed_file){path, file, fresh};
}

int jf_tables_whole(void)
{
    return !left_out;
}

const char *jf_tables_missing(void)
{
    return not_found.data;
}

void jf_tables_done(void)
{
    for (size_t i = 0; i < n_closed; i++) {
        if (!left_out && remove(closed[i].path) != 0)
            jf_fail(1, "%s: cannot be removed, or its folder has gone: %s",
                    closed[i].path, strerror(errno));
        if (closed[i].file)
            fclose(closed[i].file);
        free(closed[i].path);
    }
    free(closed);
    closed = NULL;
    n_closed = 0;
    free(not_found.data);
    not_found = (jf_text){0};
    left_out = 0;
}

/* --merge: how many points no partial file has, and the first of them. */
static void add_missing(const jf_table *t)
{
    enum { SHOWN = 4 };
    size_t count = count_left(t), shown = 0;
    if (!count)
        return;
    jf_text_add(&not_found, "%s%s: %zu of %zu points, number",
                not_found.data ? "; " : "", strrchr(t->path, '/') + 1, count,
                t->count);
    for (size_t i = 0; i < t->count && shown < SHOWN; i++)
        if (t->points[i].left)
            jf_text_add(&not_found, "%s %zu", shown++ ? "," : "", i + 1);
    if (shown < count)
        jf_text_add(&not_found, ", ..");
}

void jf_table_not_run(jf_table *t, const char *reason)
{
    t->not_run = reason;
}

static void write_whole(const jf_table *t)
{
    jf_text all = {0};
    size_t lines = t->header.length - strlen(t->columns) - strlen("\n");
    jf_text_add(&all, "%.*s", (int)lines, t->header.data);
    if (t->not_run)
        jf_text_add(&all, "# not run: %s\n", t->not_run);
    jf_text_add(&all, "%s\n", t->columns);
    for (size_t i = 0; i < t->count; i++)
        if (t->points[i].rows.data)
            jf_text_add(&all, "%s", t->points[i].rows.data);
    if (jf_output_write(t->path, all.data, all.length) != GSL_SUCCESS)
        jf_end(1);
    free(all.data);
}

void jf_table_close(jf_table *t)
{
    strike_off(t);
    if (jf_table_whole(t))
        write_whole(t);
    else
        left_out = 1;
    if (t->merging)
        add_missing(t);
    for (size_t k = 0; k < t->n_pieces; k++)
        remember(t->pieces[k], NULL, 0);
    if (t->partial)
        remember(t->partial_path, t->partial, t->fresh);
    else
        free(t->partial_path);
    for (size_t i = 0; i < t->count; i++)
        free(t->points[i].rows.data);
    free(t->pieces);
    free(t->points);
    free(t->header.data);
    free(t->start.data);
    free(t->path);
    free(t);
}
