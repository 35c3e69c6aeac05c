#include "claims.h"

#include <ctype.h>
#include <string.h>

const claim_question claim_questions[] = {
#define QUESTION(...) {__VA_ARGS__},
#include "../theory/claims.def"
    {NULL, NULL, NULL},
};

const claim_group claim_groups[] = {
#define GROUP(...) {__VA_ARGS__},
#include "../theory/claims.def"
    {NULL, NULL, NULL, NULL},
};

const claim all_claims[] = {
#define CLAIM(...) {__VA_ARGS__},
#include "../theory/claims.def"
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

const claim_part claim_parts[] = {
#define PART(...) {__VA_ARGS__, 0},
#define WORDING(...) {__VA_ARGS__, 1},
#include "../theory/claims.def"
    {NULL, NULL, NULL, 0},
};

const claim_no_rows claims_without_rows[] = {
#define NO_ROWS(...) {__VA_ARGS__},
#include "../theory/claims.def"
    {NULL, NULL},
};

const claim_abstract claim_abstracts[] = {
#define ABSTRACT(...) {__VA_ARGS__},
#include "../theory/claims.def"
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

const claim_notation claim_notations[] = {
#define NOTATION(...) {__VA_ARGS__},
#include "../theory/claims.def"
    {NULL, NULL, NULL},
};

const claim_figure claim_figures[] = {
#define FIGURE(...) {__VA_ARGS__},
#include "../theory/claims.def"
    {NULL, NULL, NULL},
};

const claim_figure *claim_figure_of(const char *name)
{
    for (const claim_figure *f = claim_figures; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

const claim *claim_of(const char *id)
{
    for (const claim_part *p = claim_parts; p->id; p++)
        if (strcmp(id, p->id) == 0)
            id = p->claim;
    for (const claim *c = all_claims; c->id; c++)
        if (strcmp(id, c->id) == 0)
            return c;
    return NULL;
}

static int is_letter(char c)
{
    return isalnum((unsigned char)c) != 0;
}

const char *next_id(const char *text, size_t *length)
{
    for (const char *at = text; (at = strchr(at, 'C')); at++) {
        size_t n = 1;
        if ((at > text && is_letter(at[-1])) || !isdigit((unsigned char)at[1]))
            continue;
        while (is_letter(at[n]) || (at[n] == '.' && is_letter(at[n + 1])))
            n++;
        if (n > 2) {
            *length = n;
            return at;
        }
    }
    return NULL;
}

int is_of(const char *id, const char *claim_id)
{
    const claim *c = claim_of(id);
    return strcmp(id, claim_id) == 0 || (c && strcmp(c->id, claim_id) == 0);
}

int is_in_group(const char *claim_id, const char *group_id)
{
    size_t n = strlen(group_id);
    return strncmp(claim_id, group_id, n) == 0 &&
           (claim_id[n] == '.' || claim_id[n] == '\0');
}

const char *next_word(const char **list, size_t *length)
{
    const char *word = *list + strspn(*list, " ");
    *length = strcspn(word, " ");
    *list = word + *length;
    return *length > 0 ? word : NULL;
}

int has_word(const char *list, const char *word)
{
    size_t n;
    for (const char *w; (w = next_word(&list, &n));)
        if (strlen(word) == n && strncmp(w, word, n) == 0)
            return 1;
    return 0;
}

int next_reference(const char **list, row_reference *r)
{
    const char *at = *list + strspn(*list, "; ");
    size_t n = strcspn(at, ";"), id = strcspn(at, ":;");
    *list = at + n;
    *r = (row_reference){.optional = n > 0 && at[n - 1] == '?'};
    n -= (size_t)r->optional;
    id = id < n ? id : n;
    memcpy(r->id, at, id < sizeof r->id ? id : sizeof r->id - 1);
    r->begin = at + id + (id < n);
    r->length = n - id - (id < n);
    for (; r->length > 0 && *r->begin == ' '; r->length--)
        r->begin++;
    return n > 0;
}
