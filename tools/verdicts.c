/* verdicts.c -- DIR/verdicts/NAME.csv of every program into DIR/verdicts.csv,
 * and onto the terminal. */
#include "verdict_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Characters, one column each, of UTF-8. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* text, cut to width and filled up with blanks. */
static void put_cell(const char *text, size_t width)
{
    size_t n = 0, total = width_of(text),
           room = total > width ? width - 3 : width;
    for (; *text; text++) {
        int starts = ((unsigned char)*text & 0xC0) != 0x80;
        if (starts && n == room)
            break;
        n += (size_t)starts;
        putchar((unsigned char)*text < ' ' ? ' ' : *text);
    }
    for (int dots = 0; total > width && dots < 3; dots++, n++)
        putchar('.');
    for (; n < width; n++)
        putchar(' ');
    fputs("  ", stdout);
}

static size_t terminal_width(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    long n = columns ? strtol(columns, NULL, 10) : 0;
    return n > 0 && n < 1000 ? (size_t)n : 110;
}

static const int shown[] = {ROW_ID,       ROW_STATEMENT, ROW_MEASURED,
                            ROW_EXPECTED, ROW_TOLERANCE, ROW_VERDICT};
enum { SHOWN = sizeof shown / sizeof *shown, STATEMENT = 1 };

static void print_table(const verdict_rows *list)
{
    size_t width[SHOWN], others = 0;
    char text[48];
    for (size_t k = 0; k < SHOWN; k++) {
        width[k] = strlen(row_columns[shown[k]]);
        for (size_t i = 0; i < list->count; i++) {
            const char *field = list->rows[i].field[shown[k]];
            size_t n = width_of(short_number(field, text));
            width[k] = n > width[k] ? n : width[k];
        }
        others += (k != STATEMENT) * (width[k] + 2);
    }
    size_t all = terminal_width();
    size_t left = all > others + 26 ? all - others - 2 : 24;
    width[STATEMENT] = width[STATEMENT] > left ? left : width[STATEMENT];
    for (size_t k = 0; k < SHOWN; k++)
        put_cell(row_columns[shown[k]], width[k]);
    putchar('\n');
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < SHOWN; k++) {
            const char *field = list->rows[i].field[shown[k]];
            put_cell(k == STATEMENT ? field : short_number(field, text),
                     width[k]);
        }
        putchar('\n');
    }
}

static int write_merged(const verdict_rows *list, const char *dir)
{
    buffer b = {0};
    for (size_t k = 0; k < ROW_FIELDS; k++)
        buffer_add(&b, "%s%s", k > 0 ? "," : "", row_columns[k]);
    buffer_add(&b, "\n");
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < ROW_FIELDS; k++) {
            if (k > 0)
                buffer_add(&b, ",");
            buffer_field(&b, list->rows[i].field[k]);
        }
        buffer_add(&b, "\n");
    }
    char *path = join(dir, "verdicts", ".csv");
    int status = buffer_write(&b, path);
    free(path);
    return status;
}

int main(int argc, char **argv)
{
    int quiet = argc > 1 && strcmp(argv[1], "--quiet") == 0;
    if (argc != 2 + quiet || argv[1 + quiet][0] == '-') {
        fputs("usage: verdicts [--quiet] DIR: merge DIR/verdicts/*.csv into "
              "DIR/verdicts.csv\n",
              stderr);
        return 2;
    }
    verdict_rows list;
    size_t counts[VERDICTS];
    int status = verdict_rows_read(&list, argv[1 + quiet]);
    if (status == 0)
        status = write_merged(&list, argv[1 + quiet]);
    if (status == 0 && !quiet) {
        print_table(&list);
        verdict_rows_count(&list, NULL, counts);
        for (int v = 0; v < VERDICTS; v++)
            printf("%s%zu %s", v > 0 ? ", " : "", counts[v], verdict_names[v]);
        putchar('\n');
    }
    verdict_rows_free(&list);
    return status < 0;
}
