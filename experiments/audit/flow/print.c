/* print.c -- a report in words. */
#include "flow.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 79 };

/* Print text, wrapped between indent and WIDTH. */
static void wrapped(int indent, const char *text)
{
    int at = 0;
    while (*text) {
        size_t length = strcspn(text, " \n");
        if (at && at + 1 + (int)length > WIDTH) {
            putchar('\n');
            at = 0;
        }
        at += at ? printf(" %.*s", (int)length, text)
                 : printf("%*s%.*s", indent, "", (int)length, text);
        text += length;
        if (*text == '\n') {
            putchar('\n');
            at = 0;
        }
        text += *text != '\0';
    }
    if (at)
        putchar('\n');
}

static void print_line(const audit_line *l)
{
    static const char *const shown[] = {"ok", "WRONG", "MISFIT", "note",
                                        "open"};
    printf("  %-7s%-5s %-46s", shown[l->verdict], l->claim, l->statement);
    if (!isnan(l->measured))
        printf(" %8.3g", l->measured);
    if (l->at_most)
        printf(" <= %.3g", l->expected + l->tolerance);
    else if (!isnan(l->measured) && l->tolerance > 0)
        printf(" +- %.2g", l->tolerance);
    putchar('\n');
    if (l->detail[0] && l->verdict != AUDIT_OK)
        wrapped(15, l->detail);
}

static void print_head(const flow_numbers *f)
{
    jf_text text = {0};
    jf_text_add(&text,
                "%s: %zu rows, d = %zu, %s x; z written as %s, log_abs_det as "
                "%s, log_likelihood as %s",
                f->name, f->rows, f->d, f->x ? "with" : "without", f->of_z.name,
                f->of_ld.name, f->of_ll.name);
    wrapped(0, text.data);
    free(text.data);
    printf("\n  %-7s%-5s %-46s %8s allowed\n", "", "claim", "what must hold",
           "measured");
}

/* What the numbers cannot show. */
static void print_unseen(const flow_numbers *f, const audit_report *r)
{
    jf_text text = {0};
    if (r->stencils)
        return;
    if (!f->x || r->volume.why)
        jf_text_add(&text,
                    "Not to be seen %s: a log_abs_det that is wrong in both "
                    "columns alike (sign, factor, epsilon, bits, a layer left "
                    "out). A design shows it: audit --design.",
                    f->x ? "here" : "without columns x1 .. xd");
    else if (r->least_visible > 0.1)
        jf_text_add(&text,
                    "Not to be seen here: a log_abs_det that is wrong in both "
                    "columns alike by less than %.2g nats, a mistake or noise "
                    "(an estimate by random traces); more rows see finer, and "
                    "a design (audit --design) finest.",
                    r->least_visible);
    if (text.data) {
        putchar('\n');
        wrapped(2, text.data);
    }
    free(text.data);
}

static void print_diagnosis(const flow_numbers *f, const audit_report *r)
{
    jf_text text = {0};
    putchar('\n');
    if (!r->found && r->misfit) {
        jf_text_add(&text, "Nothing is wrong with the first flow as far as can "
                           "be seen, but the two differ in mean: audit the "
                           "second as well.");
    } else if (!r->found && r->maybe_noise > 0) {
        jf_text_add(
            &text,
            "Diagnosis: open, perhaps noise (C6.3): log_abs_det looks "
            "like an estimate by random traces, of deviation %.2g "
            "nats, or jumps between the points, as where a map has many "
            "kinks. A design shows it: audit --design.",
            r->maybe_noise);
    } else if (!r->found) {
        jf_text_add(&text, "Nothing is wrong with these numbers as far as can "
                           "be seen.");
        if (r->stencils)
            jf_text_add(&text,
                        " A design of %zu point%s: log_abs_det is that of z at "
                        "each, to %.1g nats or better%s.",
                        r->stencils, r->stencils == 1 ? "" : "s",
                        r->least_visible,
                        r->stencils == 1 ? "" : " at half of them");
    } else {
        jf_text_add(&text, "Diagnosis: %s (%s)\n", hypothesis_name(r->found),
                    hypothesis_claim(r->found));
        hypothesis_say(r->found, f, r, &text);
    }
    if (r->apart > 0)
        jf_text_add(&text,
                    "%sThe two files have other z at equal x, by up to %.3g: "
                    "two flows; or, were one flow called twice, no function "
                    "of x: a mask, an order of columns or noise is drawn anew "
                    "at each call, or statistics of the batch are in use.\n",
                    r->found ? "" : "\n", r->apart);
    wrapped(2, text.data);
    free(text.data);
}

void audit_print(const flow_numbers *f, const audit_report *r)
{
    print_head(f);
    for (size_t k = 0; k < r->count; k++)
        print_line(&r->line[k]);
    print_diagnosis(f, r);
    print_unseen(f, r);
}
