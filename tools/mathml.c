/* mathml.c -- a formula is read once, from left to right:
 *
 *   row       = { term }
 *   term      = factor [ "/" factor ]
 *   factor    = simple { marks } { group without a blank before { marks } }
 *   marks     = "'" | "*" | "_" argument | "^" argument
 *   argument  = [ "-" | "+" ] simple, without its parentheses
 *   simple    = number | word | group | "sqrt" ( group | simple { marks } )
 *   group     = "(" row ")" | "[" row "]" | "|" row "|" */
#include "mathml.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NAME: a function or operator, upright, a little apart from its neighbours. */
enum { LETTER, NAME, SIGN };

/* note: where the notation of the page explains it, or NULL. */
static const struct {
    const char *word, *shown;
    int kind;
    const char *note;
} words[] = {
    {"AM", "AM", NAME, NULL},
    {"Cov", "Cov", NAME, NULL},
    {"E", "E", NAME, "E"},
    {"EIG", "EIG", NAME, "EIG"},
    {"Exp", "Exp", NAME, NULL},
    {"GM", "GM", NAME, NULL},
    {"KL", "KL", NAME, "KL"},
    {"LL", "LL", NAME, "LL"},
    {"Laplacian", "\u0394", NAME, NULL},
    {"Lip", "Lip", NAME, "Lip"},
    {"Phi", "\u03A6", LETTER, NULL},
    {"SL", "SL", NAME, NULL},
    {"Sigma", "\u03A3", LETTER, "Sigma"},
    {"Var", "Var", NAME, "E"},
    {"al", "\u03B1", LETTER, NULL},
    {"alpha", "\u03B1", LETTER, NULL},
    {"asinh", "asinh", NAME, NULL},
    {"beta", "\u03B2", LETTER, "beta"},
    {"cos", "cos", NAME, NULL},
    {"det", "det", NAME, NULL},
    {"diag", "diag", NAME, NULL},
    {"div", "div", NAME, NULL},
    {"eps", "\u03B5", LETTER, NULL},
    {"eta", "\u03B7", LETTER, "beta"},
    {"exp", "exp", NAME, NULL},
    {"img", "img", NAME, NULL},
    {"in", "\u2208", SIGN, NULL},
    {"inf", "\u221E", LETTER, NULL},
    {"lambda", "\u03BB", LETTER, "Sigma"},
    {"ld", "ld", NAME, "ld"},
    {"log", "log", NAME, NULL},
    {"max", "max", NAME, NULL},
    {"min", "min", NAME, NULL},
    {"mu", "\u03BC", LETTER, "Sigma"},
    {"nu", "\u03BD", LETTER, NULL},
    {"o", "\u2218", SIGN, NULL},
    {"phi", "\u03C6", LETTER, NULL},
    {"pi", "\u03C0", LETTER, NULL},
    {"psi", "\u03C8", LETTER, "psi"},
    {"rank", "rank", NAME, NULL},
    {"rho", "\u03C1", LETTER, NULL},
    {"sigma", "\u03C3", LETTER, NULL},
    {"sin", "sin", NAME, NULL},
    {"sum", "\u2211", SIGN, NULL},
    {"tanh", "tanh", NAME, NULL},
    {"tau", "\u03C4", LETTER, NULL},
    {"theta", "\u03B8", LETTER, NULL},
    {"vol", "vol", NAME, NULL},
};
enum { WORDS = sizeof words / sizeof *words };

/* The longest first. */
static const struct {
    const char *typed, *shown;
} signs[] = {
    {"...", "\u2026"}, {"..", "\u2026"}, {"->", "\u2192"}, {"<=", "\u2264"},
    {">=", "\u2265"},  {"!=", "\u2260"}, {"<<", "\u226A"}, {"+-", "\u00B1"},
    {":=", "\u2254"},  {"=", "="},       {"<", "&lt;"},    {">", "&gt;"},
    {"+", "+"},        {"-", "\u2212"},  {"~", "\u223C"},  {",", ","},
    {";", ";"},        {":", ":"},       {"*", "\u2217"},
};
enum { SIGNS = sizeof signs / sizeof *signs };

typedef enum {
    END_OF_FORMULA,
    NUMBER,
    WORD,
    OPEN_GROUP,
    CLOSE_GROUP,
    BAR,
    MARK,  /* ' and *, behind an operand */
    ABOVE, /* ^ and _ */
    SLASH,
    OPERATOR,
    UNKNOWN
} token_kind;

typedef struct {
    const char *begin, *end, *at; /* of the formula; the token in hand */
    size_t length;
    token_kind kind;
    size_t row; /* of words or of signs */
    int blank;  /* before the token */
    int small;  /* within what is below or above */
    int behind; /* an operand */
    char *why;
    const char *note; /* of the first word that has one */
} reader;

/* What has been read: its markup, whether a group's parentheses are part of it,
 * and what of that group is between them. */
typedef struct {
    jf_text xml, inner;
    int name;     /* a NAME */
    int fraction; /* it, or all between its parentheses, is one */
} piece;

static piece parse_row(reader *r, int stop);

static void clear(piece *p)
{
    free(p->xml.data);
    free(p->inner.data);
    *p = (piece){0};
}

static void append(jf_text *b, const jf_text *more)
{
    if (more->length > 0)
        jf_text_bytes(b, more->data, more->length);
}

static void fail(reader *r, const char *what)
{
    if (r->why[0])
        return;
    snprintf(r->why, MATHML_WHY, "'%.*s' found at '%.*s', %s",
             r->length > 0 ? (int)r->length : 11,
             r->length > 0 ? r->at : "its end here",
             (int)(r->end - r->at > 24 ? 24 : r->end - r->at), r->at, what);
}

static int behind_blank(const reader *r)
{
    return r->at > r->begin && r->at[-1] == ' ';
}

static int before_blank(const reader *r)
{
    return r->at + r->length < r->end && r->at[r->length] == ' ';
}

static size_t word_of(const char *at, size_t length)
{
    size_t k = 0;
    while (k < WORDS && (strlen(words[k].word) != length ||
                         strncmp(words[k].word, at, length) != 0))
        k++;
    return k;
}

static size_t sign_of(const reader *r)
{
    size_t k = 0, left = (size_t)(r->end - r->at);
    while (k < SIGNS &&
           (strlen(signs[k].typed) > left ||
            strncmp(signs[k].typed, r->at, strlen(signs[k].typed)) != 0))
        k++;
    return k;
}

static int is_digit_at(const char *at, const char *end)
{
    return at < end && isdigit((unsigned char)*at);
}

/* Digits, one point among or before them. */
static size_t number_at(const char *at, const char *end)
{
    const char *begin = at;
    while (is_digit_at(at, end))
        at++;
    if (at < end && *at == '.' && is_digit_at(at + 1, end))
        for (at++; is_digit_at(at, end);)
            at++;
    return (size_t)(at - begin);
}

static void read_word(reader *r)
{
    while (r->at + r->length < r->end &&
           isalpha((unsigned char)r->at[r->length]))
        r->length++;
    r->kind = WORD;
    r->row = word_of(r->at, r->length);
    if (r->row < WORDS && words[r->row].kind == SIGN && r->length == 1 &&
        !(behind_blank(r) && before_blank(r)))
        r->row = WORDS; /* the letter o */
    if (r->row == WORDS && r->length > 1)
        r->kind = UNKNOWN;
}

static int is_name(const reader *r)
{
    return r->kind == WORD && r->row < WORDS && words[r->row].kind == NAME;
}

static void next(reader *r)
{
    r->behind = r->kind == NUMBER || r->kind == MARK ||
                r->kind == CLOSE_GROUP || (r->kind == WORD && !is_name(r));
    r->at += r->length;
    const char *token = r->at;
    while (r->at < r->end && *r->at == ' ')
        r->at++;
    r->blank = r->at > token;
    r->length = 0;
    if (r->at == r->end) {
        r->kind = END_OF_FORMULA;
        return;
    }
    char c = *r->at;
    r->length = number_at(r->at, r->end);
    if (r->length > 0) {
        r->kind = NUMBER;
        return;
    }
    if (isalpha((unsigned char)c)) {
        read_word(r);
        return;
    }
    r->length = 1;
    r->kind = strchr("([", c)                        ? OPEN_GROUP
              : strchr(")]", c)                      ? CLOSE_GROUP
              : c == '|'                             ? BAR
              : c == '\'' || (c == '*' && !r->blank) ? MARK
              : c == '^' || c == '_'                 ? ABOVE
              : c == '/'                             ? SLASH
                                                     : UNKNOWN;
    if (r->kind != UNKNOWN)
        return;
    r->row = sign_of(r);
    if (r->row < SIGNS) {
        r->kind = OPERATOR;
        r->length = strlen(signs[r->row].typed);
    }
}

static void add_mo(jf_text *b, const char *shown, const char *attributes)
{
    jf_text_add(b, "<mo%s>%s</mo>", attributes, shown);
}

static piece parse_word(reader *r)
{
    piece p = {0};
    jf_text *b = &p.xml;
    if (r->row == WORDS) {
        jf_text_add(b, "<mi>%.*s</mi>", (int)r->length, r->at);
    } else {
        jf_text_add(b, "<mi%s>%s</mi>",
                    isupper((unsigned char)words[r->row].word[0])
                        ? " mathvariant=\"normal\""
                        : "",
                    words[r->row].shown);
        r->note = r->note ? r->note : words[r->row].note;
    }
    p.name = r->row < WORDS && words[r->row].kind == NAME;
    next(r);
    return p;
}

/* Between fences, which stretch around fractions alone. */
static piece parse_group(reader *r)
{
    static const char *const closing = ")]|", *const opening = "([|";
    int which = (int)(strchr(opening, *r->at) - opening);
    r->kind = OPERATOR; /* what follows is behind no operand */
    next(r);
    piece p = parse_row(r, closing[which]);
    if (r->length == 0 || *r->at != closing[which]) {
        char expected[] = "' ' expected";
        expected[1] = closing[which];
        fail(r, expected);
    }
    r->kind = CLOSE_GROUP;
    int tall = p.xml.data && strstr(p.xml.data, "<mfrac");
    const char *still = tall ? "" : " stretchy=\"false\"";
    p.inner = p.xml;
    p.xml = (jf_text){0};
    jf_text_add(&p.xml, "<mrow><mo%s>%c</mo>", still, opening[which]);
    append(&p.xml, &p.inner);
    jf_text_add(&p.xml, "<mo%s>%c</mo></mrow>", still, closing[which]);
    if (which > 0) { /* these fences are always seen */
        free(p.inner.data);
        p.inner = (jf_text){0};
        p.fraction = 0;
    }
    p.name = 0;
    next(r);
    return p;
}

static piece parse_simple(reader *r);
static void parse_marks(reader *r, piece *p);

/* Whether a markup is one element, which needs no <mrow>. */
static int is_one(const jf_text *xml)
{
    int depth = 0;
    size_t elements = 0;
    for (const char *at = xml->data; at && (at = strchr(at, '<')); at++) {
        const char *end = strchr(at, '>');
        elements += depth == 0 && at[1] != '/';
        depth += at[1] == '/' ? -1 : end[-1] != '/';
    }
    return elements == 1;
}

static void add_as_one(jf_text *b, const jf_text *xml)
{
    jf_text_add(b, is_one(xml) ? "%s" : "<mrow>%s</mrow>",
                xml->data ? xml->data : "");
}

/* With its parentheses off, if it has any. */
static void strip(piece *p)
{
    if (p->inner.length == 0)
        return;
    free(p->xml.data);
    p->xml = (jf_text){0};
    add_as_one(&p->xml, &p->inner);
    free(p->inner.data);
    p->inner = (jf_text){0};
}

static piece parse_root(reader *r)
{
    next(r);
    int group = r->kind == OPEN_GROUP;
    piece p = parse_simple(r);
    if (!group)
        parse_marks(r, &p);
    strip(&p);
    jf_text b = {0};
    jf_text_add(&b, "<msqrt>%s</msqrt>", p.xml.data ? p.xml.data : "");
    clear(&p);
    return (piece){.xml = b};
}

static piece parse_simple(reader *r)
{
    piece p = {0};
    if (r->kind == NUMBER) {
        jf_text_add(&p.xml, "<mn>%.*s</mn>", (int)r->length, r->at);
        next(r);
    } else if (r->kind == UNKNOWN && r->length == 4 &&
               strncmp(r->at, "sqrt", 4) == 0) {
        p = parse_root(r);
    } else if (r->kind == WORD &&
               (r->row == WORDS || words[r->row].kind != SIGN)) {
        p = parse_word(r);
    } else if (r->kind == OPEN_GROUP || r->kind == BAR) {
        p = parse_group(r);
    } else {
        fail(r, "a letter, a number, a known word or a group expected");
    }
    return p;
}

static int is_operand(const reader *r)
{
    return r->kind == NUMBER || (r->kind == UNKNOWN && r->length == 4) ||
           (r->kind == WORD && (r->row == WORDS || words[r->row].kind != SIGN));
}

static int begins_simple(const reader *r)
{
    return is_operand(r) || r->kind == OPEN_GROUP || r->kind == BAR;
}

static piece parse_argument(reader *r)
{
    jf_text sign = {0};
    next(r);
    r->small++;
    if ((r->kind == OPERATOR && r->length == 1 && strchr("+-", *r->at)) ||
        (r->kind == MARK && *r->at == '*')) {
        add_mo(&sign, r->kind == MARK ? "\u2217" : signs[r->row].shown, "");
        next(r);
        if (r->blank || !begins_simple(r)) { /* r_+ */
            r->small--;
            return (piece){.xml = sign};
        }
    }
    piece p = parse_simple(r);
    strip(&p);
    r->small--;
    if (sign.length > 0 && p.xml.data) {
        jf_text both = {0};
        jf_text_add(&both, "<mrow>%s%s</mrow>", sign.data, p.xml.data);
        free(p.xml.data);
        p.xml = both;
    }
    free(sign.data);
    return p;
}

/* What is behind a simple one: primes, stars, below and above. */
static void parse_marks(reader *r, piece *p)
{
    jf_text below = {0}, above = {0};
    for (; !r->why[0] && !r->blank && (r->kind == MARK || r->kind == ABOVE);) {
        if (r->kind == MARK) {
            add_mo(&above, *r->at == '*' ? "\u2217" : "\u2032",
                   " class=\"mark\"");
            next(r);
            continue;
        }
        jf_text *to = *r->at == '_' ? &below : &above;
        piece argument = parse_argument(r);
        append(to, &argument.xml);
        clear(&argument);
    }
    if (below.length + above.length == 0)
        return;
    const char *tag = above.length == 0   ? "msub"
                      : below.length == 0 ? "msup"
                                          : "msubsup";
    jf_text b = {0};
    jf_text_add(&b, "<%s>%s", tag, p->xml.data ? p->xml.data : "");
    if (below.length > 0)
        add_as_one(&b, &below);
    if (above.length > 0)
        add_as_one(&b, &above);
    jf_text_add(&b, "</%s>", tag);
    int name = p->name;
    clear(p);
    *p = (piece){.xml = b, .name = name};
    free(below.data);
    free(above.data);
}

static piece parse_factor(reader *r)
{
    piece p = parse_simple(r);
    int applied = 0;
    parse_marks(r, &p);
    while (!r->why[0] && !r->blank && r->kind == OPEN_GROUP) {
        piece argument = parse_group(r);
        parse_marks(r, &argument);
        append(&p.xml, &argument.xml);
        clear(&argument);
        applied = 1;
    }
    if (applied) {
        jf_text b = {0};
        jf_text_add(&b, "<mrow>%s</mrow>", p.xml.data ? p.xml.data : "");
        clear(&p);
        p.xml = b;
    }
    return p;
}

static piece parse_term(reader *r)
{
    piece p = parse_factor(r);
    if (r->why[0] || r->kind != SLASH)
        return p;
    next(r);
    piece q = parse_factor(r);
    jf_text b = {0};
    if (r->small) {
        jf_text_add(&b, "%s<mo lspace=\"0\" rspace=\"0\">/</mo>%s",
                    p.xml.data ? p.xml.data : "", q.xml.data ? q.xml.data : "");
    } else {
        strip(&p);
        strip(&q);
        jf_text_add(&b, "<mfrac>%s%s</mfrac>", p.xml.data ? p.xml.data : "",
                    q.xml.data ? q.xml.data : "");
    }
    clear(&p);
    clear(&q);
    return (piece){.xml = b, .fraction = !r->small};
}

/* A relation between two densities, or a condition: a bar with a blank on each
 * side.  Returns whether it was one. */
static int parse_lone_bar(reader *r, jf_text *b)
{
    static const char relation[] = " form=\"infix\" stretchy=\"false\" "
                                   "lspace=\".28em\" rspace=\".28em\"";
    if (r->kind != BAR || !behind_blank(r))
        return 0;
    if (r->at + 2 < r->end && r->at[1] == '|' && r->at[2] == ' ') {
        r->length = 2;
        add_mo(b, "\u2225", relation);
    } else if (before_blank(r)) {
        add_mo(b, "|", relation);
    } else {
        return 0;
    }
    r->kind = OPERATOR;
    next(r);
    return 1;
}

/* A name keeps apart from letters, not from fences. */
static const char apart[] = "<mspace width=\".17em\"/>";

/* An operator, or a sum with what is below it; behind no operand a sign. */
static void parse_sign(reader *r, jf_text *b, int operand)
{
    piece p = {0};
    int alone = r->kind == OPERATOR && strchr("+-", *r->at) && !operand;
    add_mo(&p.xml, r->kind == WORD ? words[r->row].shown : signs[r->row].shown,
           alone && r->at[1] != '>' ? " form=\"prefix\"" : "");
    r->kind = OPERATOR;
    next(r);
    parse_marks(r, &p);
    append(b, &p.xml);
    clear(&p);
}

static piece parse_row(reader *r, int stop)
{
    piece row = {0};
    size_t terms = 0;
    int name = 0, operand = 0, fractions = 0;
    while (!r->why[0] && r->kind != END_OF_FORMULA && r->kind != CLOSE_GROUP) {
        if (parse_lone_bar(r, &row.xml)) {
            name = operand = 0;
            terms += 2;
            continue;
        }
        if (r->kind == BAR && stop == '|' && r->behind)
            break;
        if (r->kind == OPERATOR ||
            (r->kind == WORD && r->row < WORDS && words[r->row].kind == SIGN)) {
            parse_sign(r, &row.xml, operand);
            name = operand = 0;
            terms++;
            continue;
        }
        if ((name && is_operand(r)) || (operand && is_name(r)))
            jf_text_add(&row.xml, "%s", apart);
        piece p = parse_term(r);
        if (p.fraction && p.inner.length > 0)
            strip(&p); /* (d/2) as a factor */
        append(&row.xml, &p.xml);
        name = p.name;
        operand = 1;
        terms++;
        fractions += p.fraction;
        clear(&p);
    }
    row.fraction = terms == 1 && fractions == 1;
    return row;
}

static int is_control(char c)
{
    return c == 127 || ((unsigned char)c < ' ' && !strchr("\t\r\n", c));
}

void xml_escape(jf_text *b, const char *text, size_t length)
{
    for (const char *end = text + length; text < end; text++) {
        switch (*text) {
        case '&':
            jf_text_add(b, "&amp;");
            break;
        case '<':
            jf_text_add(b, "&lt;");
            break;
        case '>':
            jf_text_add(b, "&gt;");
            break;
        case '"':
            jf_text_add(b, "&quot;");
            break;
        default: /* XML has no control characters but blanks and line ends */
            jf_text_bytes(b, is_control(*text) ? "?" : text, 1);
        }
    }
}

int mathml_add(jf_text *b, const char *formula, size_t length,
               char why[MATHML_WHY])
{
    reader r = {.begin = formula,
                .end = formula + length,
                .at = formula,
                .kind = OPERATOR,
                .why = why};
    why[0] = '\0';
    next(&r);
    piece p = parse_row(&r, 0);
    if (r.kind != END_OF_FORMULA)
        fail(&r, "what closes nothing");
    else if (p.xml.length == 0)
        fail(&r, "a formula expected");
    if (!why[0]) {
        if (r.note) {
            jf_text_add(b,
                        "<a class=\"sym\" tabindex=\"-1\" "
                        "href=\"#notation-%s\" aria-label=\"",
                        r.note);
            xml_escape(b, formula, length);
            jf_text_add(b, "\">");
        }
        jf_text_add(b, "<math alttext=\"");
        xml_escape(b, formula, length);
        jf_text_add(b, "\"><mrow>%s</mrow></math>%s", p.xml.data,
                    r.note ? "</a>" : "");
    }
    clear(&p);
    return why[0] ? -1 : 0;
}

const char *mathml_next(const char *text, size_t *length)
{
    const char *begin = strchr(text, '$');
    const char *end = begin ? strchr(begin + 1, '$') : NULL;
    *length = end ? (size_t)(end - begin - 1) : 0;
    return end ? begin + 1 : NULL;
}

void mathml_plain(jf_text *b, const char *text)
{
    for (; *text; text++)
        if (*text != '$')
            jf_text_bytes(b, text, 1);
}
