/* report_tables.c -- docs/tables.md: the columns of every table, by the lines of
 * docs/columns.csv. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The line on a column of a table: its own before that of all tables; rows when
 * there is none. */
static size_t line_of(const jf_texts *columns, const char *table,
                      const char *column)
{
    size_t found = columns->rows;
    for (size_t i = 1; i < columns->rows; i++) {
        const char *tables = jf_texts_field(columns, i, 0);
        if (strcmp(jf_texts_field(columns, i, 1), column) != 0)
            continue;
        if (has_word(tables, table))
            return i;
        if (strcmp(tables, "*") == 0)
            found = i;
    }
    return found;
}

static size_t add_columns(jf_text *b, const jf_texts *columns,
                          const char *table, const jf_texts *t, char *used)
{
    size_t debts = 0;
    jf_text_add(b, "| column | unit | meaning |\n|---|---|---|\n");
    for (size_t j = 0; j < t->columns; j++) {
        const char *column = jf_texts_field(t, 0, j);
        size_t i = line_of(columns, table, column);
        if (i == columns->rows) {
            printf("table %s: column %s: no line in docs/columns.csv\n", table,
                   column);
            debts++;
            continue;
        }
        used[i] = 1;
        jf_text_add(b, "| `%s` | ", column);
        add_markdown(b, jf_texts_field(columns, i, 2));
        jf_text_add(b, " | ");
        add_markdown(b, jf_texts_field(columns, i, 3));
        jf_text_add(b, " |\n");
    }
    return debts;
}

/* folder: where a reader finds the table. */
static size_t add_table_section(jf_text *b, const jf_texts *columns,
                                const char *dir, const char *folder,
                                const char *table, char *used)
{
    jf_texts t;
    size_t claims = 0;
    char *path = join(dir, table, ".csv");
    char *text = read_if_there(path, NULL);
    char *program = header_value(text, "program");
    free(text);
    if (read_texts(path, &t) != 0) {
        free(program);
        free(path);
        return 1;
    }
    jf_text_add(b, "\n## %s\n\n", table);
    if (program)
        jf_text_add(b, "Of `%s`", program);
    for (const claim *c = all_claims; c->id; c++)
        if (has_word(c->tables, table))
            jf_text_add(b, "%s%s", claims++ ? ", " : ", on ", c->id);
    jf_text_add(b,
                "%s```python\npandas.read_csv(\"%s/%s.csv\", "
                "comment=\"#\")\n```\n```r\nread.csv(\"%s/%s.csv\", "
                "comment.char = \"#\")\n```\n\n",
                program || claims > 0 ? ".\n\n" : "", folder, table, folder,
                table);
    size_t debts = add_columns(b, columns, table, &t, used);
    jf_texts_free(&t);
    free(program);
    free(path);
    return debts;
}

/* Tables that take hours and are not of this run. */
static size_t add_lasting(const report *r, jf_text *b, const jf_texts *columns,
                          char *used)
{
    size_t count, debts = 0;
    char **list = list_files(r->lasting, "", ".csv", &count);
    for (size_t k = 0; k < count; k++)
        if (!has_table(r, list[k], strlen(list[k])))
            debts += add_table_section(b, columns, r->lasting, "results/long",
                                       list[k], used);
    free_list(list, count);
    return debts;
}

size_t add_tables(const report *r, jf_text *b, const char *path)
{
    jf_texts columns;
    size_t debts = 0;
    if (read_texts(path, &columns) != 0)
        return 1;
    char *used = must(calloc(columns.rows + 1, 1));
    jf_text_add(b,
                "# Tables\n\nThe tables of `results/`, those of `make bench` "
                "among them, and of `results/long/`,\nwhich take hours and "
                "ship: their columns with unit and meaning, and the line\n"
                "that reads them. Lines of a table that begin with `#` say "
                "who made it, and how.\nMade by `make docs` of "
                "`docs/columns.csv`.\n");
    for (size_t k = 0; k < r->table_count; k++)
        if (strcmp(r->tables[k], "verdicts") != 0)
            debts += add_table_section(b, &columns, r->dir, "results",
                                       r->tables[k], used);
    if (r->lasting)
        debts += add_lasting(r, b, &columns, used);
    for (size_t i = 1; i < columns.rows; i++)
        if (!used[i]) {
            printf("docs/columns.csv: %s, %s: no such column\n",
                   jf_texts_field(&columns, i, 0),
                   jf_texts_field(&columns, i, 1));
            debts++;
        }
    free(used);
    jf_texts_free(&columns);
    return debts;
}
