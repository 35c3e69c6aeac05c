/* claim_ids.c -- a program of the build: the ids and hypotheses of claims.def
 * into the header that the library and the proofs include.  An old header that
 * says the same is left as it is, so that new answers build and run nothing
 * again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *id, *of, *hypotheses;
} rows[] = {
#define CLAIM(id, title, statement, hypotheses, ...) {id, id, hypotheses},
#define PART(id, claim, what) {id, claim, ""},
#define WORDING(id, claim, wording) {id, claim, ""},
#include "claims.def"
};

/* Without the dollar signs around formulas. */
static void put(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++)
        if (*text != '$')
            fprintf(out, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
    fputc('"', out);
}

static void print_rows(FILE *out)
{
    fputs("static const struct {\n"
          "    const char *id, *of, *hypotheses;\n"
          "} claim_table[] = {\n",
          out);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fputs("    {", out);
        put(out, rows[i].id);
        fputs(", ", out);
        put(out, rows[i].of);
        fputs(", ", out);
        put(out, rows[i].hypotheses);
        fputs("},\n", out);
    }
    fputs("};\n", out);
}

static int same(const char *path, const char *text, size_t length)
{
    FILE *f = fopen(path, "rb");
    size_t i = 0;
    int c = EOF;
    while (f && (c = getc(f)) != EOF && i < length && c == text[i])
        i++;
    if (f)
        fclose(f);
    return f && c == EOF && i == length;
}

int main(int argc, char **argv)
{
    char *text;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    if (argc != 2 || !memory) {
        fputs("usage: claim_ids HEADER\n", stderr);
        return 2;
    }
    print_rows(memory);
    int ok = fclose(memory) == 0;
    if (ok && !same(argv[1], text, length)) {
        FILE *f = fopen(argv[1], "wb");
        ok = f && fwrite(text, 1, length, f) == length;
        ok = f && fclose(f) == 0 && ok;
    }
    if (!ok)
        perror(argv[1]);
    free(text);
    return !ok;
}
