/* report_parts.c -- what a report has, and what it lacks. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

const chapter chapters[] = {
    {"throughput", "Throughput",
     "What does a training step cost, as a fraction of what the machine can "
     "do?"},
    {"scaling", "Scaling", "How do time and memory grow with the size?"},
    {"audit", "Audit",
     "The same questions asked of one's own data, or of one's own flow."},
    {0}};

/* audit-rows and audit belong to audit. */
int belongs(const char *file, const char *name)
{
    size_t n = strlen(name);
    return strncmp(file, name, n) == 0 && (file[n] == '\0' || file[n] == '-');
}

int has_chapter(const report *r, const char *name)
{
    size_t i = 0;
    while (i < r->table_count && !belongs(r->tables[i], name))
        i++;
    return i < r->table_count;
}

int is_left_out(const report *r, const char *figure)
{
    static const struct {
        const char *figure, *table;
    } lasting[] = {{"calibration", "calibration"},
                   {"endurance-edge", "endurance-edge-rates"},
                   {"endurance-run", "endurance"},
                   {"peers-flows", "peers-flows"}};
    for (const chapter *c = chapters; c->name; c++)
        if (belongs(figure, c->name))
            return !has_chapter(r, c->name);
    for (size_t k = 0; k < sizeof lasting / sizeof *lasting; k++)
        if (strcmp(figure, lasting[k].figure) == 0)
            return !has_lasting(r, lasting[k].table);
    return strcmp(figure, "style") == 0;
}

size_t find_name(char *const *names, size_t count, const char *name,
                 size_t length)
{
    size_t i = 0;
    while (i < count &&
           (strlen(names[i]) != length || strncmp(names[i], name, length) != 0))
        i++;
    return i;
}

int has_figure(const report *r, const char *name, size_t length)
{
    return find_name(r->figures, r->figure_count, name, length) <
           r->figure_count;
}

int has_table(const report *r, const char *name, size_t length)
{
    return find_name(r->tables, r->table_count, name, length) < r->table_count;
}

void note_missing(report *r, const char *kind, const char *name, size_t length)
{
    jf_text line = {0};
    jf_text_add(&line, "%s %.*s\n", kind, (int)length, name);
    if (!r->missing.data || !strstr(r->missing.data, line.data))
        jf_text_bytes(&r->missing, line.data, line.length);
    free(line.data);
}

int has_lasting(const report *r, const char *name)
{
    jf_texts t;
    char *path = r->lasting ? join(r->lasting, name, ".csv") : NULL;
    char *text = path ? read_if_there(path, NULL) : NULL;
    int is = text && read_texts(path, &t) == 0;
    if (is)
        jf_texts_free(&t);
    free(text);
    free(path);
    return is;
}
