/* readers.c -- tables and pictures, parameter files, flows and points of the
 * audit, options, tables and formulas of the tools. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef JF_HDF5
#include <hdf5.h>
#endif

#include "audit/flow/design.h"
#include "audit/flow/flow.h"
#include "common/args.h"
#include "data/format.h"
#include "data/image.h"
#include "jf.h"
#include "seeds.h"
#include "target.h"
#include "tools/mathml.h"
#include "tools/tolerances.h"
#include "tools/verdict_rows.h"

/* A reader's status: 0, or a refusal by one line; nothing else. */
static void judge(int status)
{
    demand(status == GSL_SUCCESS || status == GSL_EFAILED,
           "a file is read or refused");
    demand(fuzz_lines() == (status != GSL_SUCCESS),
           "a refusal is one line, without control characters");
    fuzz_read -= status != GSL_SUCCESS;
}

/* A program that refuses its input ends with one line and status 2. */
static void judge_program(int stopped)
{
    demand(stopped == 0 || stopped == 2, "a program refuses bad input");
    demand(fuzz_lines() == (stopped != 0), "a refusal is one line");
}

/* Tables. */

typedef struct {
    const char *path;
    jf_data_options options;
    jf_dataset data;
    int status;
} table;

static void read_table(void *arg)
{
    table *t = arg;
    t->status = jf_data_read_as(t->path, &t->options, &t->data);
    if (t->status == GSL_SUCCESS && !t->options.any)
        jf_data_check(&t->data); /* which may say a line more */
}

static void check_table(const table *t)
{
    const jf_matrix x = t->data.x;
    demand(x.rows >= (t->options.any || t->options.one ? 1 : 2) && x.cols >= 1,
           "a table has rows and columns");
    for (size_t i = 0; i < x.rows && !t->options.any; i++)
        for (size_t j = 0; j < x.cols; j++)
            demand(isfinite(jf_row(x, i)[j]), "what is read is finite");
    for (size_t j = 0; t->data.columns && j < x.cols; j++)
        demand(t->data.columns[j] != NULL, "a column has a name");
}

static void read_with(const char *path, const jf_data_options *options)
{
    table t = {.path = path, .options = *options};
    fuzz_call(read_table, &t);
    if (t.status == GSL_SUCCESS) {
        demand(fuzz_lines() <= 1, "a table that is read is not refused");
        check_table(&t);
    } else {
        judge(t.status);
    }
    jf_data_free(&t.data);
}

/* By names that are none of a table: none at all, a device, an end that says
 * what the bytes are not.  Once, where all is tried. */
static void by_other_names(const uint8_t *bytes, size_t size)
{
    static int done;
    char path[128];
    if (!fuzz_all || done++)
        return;
    snprintf(path, sizeof path, "%s/table.npy",
             fuzz_folder("table.npy", bytes, size));
    read_with(path, &(jf_data_options){0});
    demand(remove(path) == 0, "a file can be removed");
    read_with(path, &(jf_data_options){0});
    read_with("/dev/null", &(jf_data_options){0});
}

/* As it is, and with options that the bytes choose. */
static void table_of(const uint8_t *bytes, size_t size)
{
    static const jf_data_options more[] = {
        {.any = 1},
        {.drop_missing = 1, .array = "x"},
        {.columns = "2,1-2", .array = "/y"},
        {.columns = "a,b-c", .drop_missing = 1},
        {.size = 3, .array = "z"},
        {.one = 1}};
    enum { MORE = sizeof more / sizeof *more };
    const char *path = fuzz_file(bytes, size);
    read_with(path, &(jf_data_options){0});
    for (size_t k = 0; k < MORE; k++)
        if (fuzz_all || k == fuzz_crc(bytes, size) % MORE)
            read_with(path, &more[k]);
    by_other_names(bytes, size);
}

static int begins(const uint8_t *bytes, size_t size, const char *magic,
                  size_t length)
{
    return size >= length && memcmp(bytes, magic, length) == 0;
}

/* Each format is a target of its own: files of another one are passed over. */
#define TABLE(name, magic, length)                                             \
    static void name(const uint8_t *bytes, size_t size)                        \
    {                                                                          \
        if (begins(bytes, size, magic, length))                                \
            table_of(bytes, size);                                             \
    }
TABLE(gz, "\x1f\x8b", 2)
TABLE(npy, "\x93NUMPY", 6)
TABLE(npz, "PK\3\4", 4)
TABLE(idx, "\0\0", 2)
#ifdef JF_HDF5
/* At the file's begin, or behind a block of the user's, as MATLAB writes it. */
static void hdf5(const uint8_t *bytes, size_t size)
{
    enum { BLOCK = 512 };
    static const char magic[] = "\211HDF\r\n\032\n";
    static int began;
    /* libhdf5 cannot always end after thousands of damaged files in one process;
     * after each alone it must, in the reader's copy of the process. */
    if (!began++)
        H5dont_atexit();
    if (begins(bytes, size, magic, 8) ||
        (size > BLOCK && begins(bytes + BLOCK, size - BLOCK, magic, 8)))
        table_of(bytes, size);
}
#endif

static void csv(const uint8_t *bytes, size_t size)
{
    size_t head = size < JF_FORMAT_HEAD ? size : JF_FORMAT_HEAD;
    if (size == 0 || jf_format_text(bytes, head) ||
        (size > 1 && (bytes[0] ^ bytes[1]) == 1)) /* UTF-16 */
        table_of(bytes, size);
}

/* Pictures, as they are, and with every checksum of a PNG made right. */

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

/* Alone, and sometimes two of a folder. */
static void picture_of(const uint8_t *bytes, size_t size)
{
    enum { SOMETIMES = 16 };
    table_of(bytes, size);
    if (!fuzz_all && fuzz_crc(bytes, size) % SOMETIMES)
        return;
    char path[96];
    fuzz_folder("pictures/1.png", bytes, size);
    snprintf(path, sizeof path, "%s/pictures/",
             fuzz_folder("pictures/2.png", bytes, size));
    read_with(path, &(jf_data_options){0});
}

static void png(const uint8_t *bytes, size_t size)
{
    if (!begins(bytes, size, "\x89PNG\r\n\x1a\n", 8))
        return;
    picture_of(bytes, size);
    uint8_t *copy = malloc(size);
    demand(copy != NULL, "memory");
    memcpy(copy, bytes, size);
    for (size_t at = 8; size - at >= 12;) {
        size_t length = big_endian(copy + at);
        if (length > size - at - 12)
            break;
        uint32_t sum = fuzz_crc(copy + at + 4, length + 4);
        for (int k = 0; k < 4; k++)
            copy[at + 8 + length + (size_t)k] = (uint8_t)(sum >> (24 - 8 * k));
        at += 12 + length;
    }
    if (memcmp(copy, bytes, size) != 0)
        picture_of(copy, size);
    free(copy);
}

static void jpeg(const uint8_t *bytes, size_t size)
{
    if (begins(bytes, size, "\xff\xd8\xff", 3))
        picture_of(bytes, size);
}

static void webp(const uint8_t *bytes, size_t size)
{
    if (begins(bytes, size, "RIFF", 4) && size >= 12 &&
        memcmp(bytes + 8, "WEBP", 4) == 0)
        picture_of(bytes, size);
}

/* Parameter files, as they are and with size and checksum made right; what can
 * be read can be used. */

typedef struct {
    const char *path;
    jf_model model;
    int status, used;
} model;

static void read_model(void *arg)
{
    model *m = arg;
    m->status = jf_flow_load(m->path, &m->model);
}

static void use_model(void *arg)
{
    enum { ROWS = 2 };
    model *m = arg;
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(ROWS, m->model.flow->d);
    double log_p[ROWS], log_det[ROWS];
    jf_fill_normal(x, 1, JF_PURPOSE_USER, 0);
    m->used = jf_model_forward(&m->model, x, log_det, log_p, team);
    if (m->used == GSL_SUCCESS)
        m->used = jf_inverse(m->model.flow, m->model.theta, x, team);
    jf_matrix_free(&x);
    jf_team_free(team);
}

/* The parameters of this layer, or a refusal. */
static void read_theta(void *arg)
{
    model *m = arg;
    enum { PARAMETERS = 4, WORDS = 2 };
    real theta[PARAMETERS];
    uint64_t words[WORDS];
    int found;
    const jf_section sections[] = {
        {"theta", JF_REALS, PARAMETERS, theta, 0, NULL},
        {"steps", JF_WORDS, WORDS, words, 1, &found}};
    m->status = jf_theta_read(m->path, "flow(d=2){actnorm(d=2)}", sections, 2);
}

static void theta_of(const uint8_t *bytes, size_t size)
{
    model m = {.path = fuzz_file(bytes, size)};
    fuzz_call(read_theta, &m);
    judge(m.status);
}

static void model_of(const uint8_t *bytes, size_t size)
{
    enum { SMALL = 1 << 12 };
    model m = {.path = fuzz_file(bytes, size)};
    fuzz_call(read_model, &m);
    judge(m.status);
    if (m.status != GSL_SUCCESS)
        return;
    const jf_module *flow = &m.model.flow->module;
    char *text = jf_describe(flow);
    jf_layer *again = text ? jf_flow_parse(text) : NULL;
    demand(again && again->module.n_params == flow->n_params &&
               again->d == m.model.flow->d,
           "a flow that was read describes itself");
    jf_layer_free(again);
    free(text);
    if (flow->n_derived < SMALL && flow->n_params < SMALL &&
        m.model.flow->d < 64)
        use_model(&m);
    jf_model_free(&m.model);
}

static void theta(const uint8_t *bytes, size_t size)
{
    uint8_t *copy;
    if (!begins(bytes, size, "JFTHETA\n", 8))
        return;
    model_of(bytes, size);
    if ((copy = fuzz_sound_theta(bytes, size)) != NULL) {
        model_of(copy, size);
        theta_of(copy, size);
    }
    free(copy);
}

static void latent_of(void *arg)
{
    jf_latent q;
    double *arrays;
    if (jf_latent_parse(arg, 2, &q, &arrays) == GSL_SUCCESS) {
        char *text = jf_latent_describe(&q, 2);
        demand(text != NULL, "a law describes itself");
        free(text);
        free(arrays);
    }
}

/* The two languages of parameter files, without the file around them. */
static void describe(const uint8_t *bytes, size_t size)
{
    char *text = jf_copy_text((const char *)bytes, size);
    jf_layer *layer = jf_flow_parse(text);
    if (layer) {
        char *same = jf_describe(&layer->module);
        jf_layer *again = same ? jf_flow_parse(same) : NULL;
        demand(again && again->module.n_params == layer->module.n_params,
               "a layer that was read describes itself");
        jf_layer_free(again);
        free(same);
    }
    fuzz_runs++;
    fuzz_read += layer != NULL;
    jf_layer_free(layer);
    latent_of(text);
    free(text);
}

/* The audit's. */

static void read_flow(void *arg)
{
    enum { FEW = 2048 };
    flow_numbers f;
    design s = {0};
    flow_read(arg, &f);
    demand(f.n >= 2 && f.d >= 1 && f.n <= f.rows, "a flow has rows");
    for (size_t i = 0; i < f.n; i++)
        demand(isfinite(f.ll[i]) && isfinite(f.ld[i]), "its rows are finite");
    if (f.n <= FEW && f.x) {
        design_find(&f, &s);
        design_free(&s);
    }
    flow_free(&f);
}

static void flow_table(const uint8_t *bytes, size_t size)
{
    judge_program(
        fuzz_call(read_flow, (void *)(uintptr_t)fuzz_file(bytes, size)));
}

static void read_points(void *arg)
{
    size_t n, d, rows, alone;
    double *x = flow_points(arg, NULL, &n, &d);
    double *points = d <= 8 ? design_points(n, d, x, &rows, &alone) : NULL;
    demand(d > 8 || rows > alone, "a design has rows");
    free(points);
    free(x);
}

static void design_table(const uint8_t *bytes, size_t size)
{
    judge_program(
        fuzz_call(read_points, (void *)(uintptr_t)fuzz_file(bytes, size)));
}

/* A command line, a word a line; what a line says of a job array is in the
 * environment. */

enum { MOST_WORDS = 64 };
static char *words[MOST_WORDS + 1];
static int n_words;

static void read_options(void *unused)
{
    int flag = 0;
    const char *value = NULL, *save = NULL;
    const jf_option own[] = {{"fast", "a flag", &flag, NULL},
                             {"rate=R", "a number", NULL, &value},
                             {"save=FILE", "a file", NULL, &save},
                             {0}};
    (void)unused;
    jf_args a = jf_args_read(n_words, words, "What it is.\nAnd how.", own);
    demand(a.out && a.profile <= JF_FULL && a.threads <= 1024 && a.size <= 8192,
           "options are within their limits");
    if (value)
        jf_args_real("rate", value, 0, 1);
}

static const char *const array[] = {"ID", "MIN", "MAX", "STEP", "COUNT"};
enum { ARRAY = sizeof array / sizeof *array };

/* Whether a word is a variable of the job array, which is set then. */
static int is_variable(char *word)
{
    char *value = strchr(word, '=');
    for (int k = 0; value && k < ARRAY; k++) {
        char name[32];
        snprintf(name, sizeof name, "SLURM_ARRAY_TASK_%s", array[k]);
        size_t length = strlen(name);
        if ((size_t)(value - word) == length &&
            memcmp(word, name, length) == 0) {
            setenv(name, value + 1, 1);
            return 1;
        }
    }
    return 0;
}

static void forget_variables(void)
{
    for (int k = 0; k < ARRAY; k++) {
        char name[32];
        snprintf(name, sizeof name, "SLURM_ARRAY_TASK_%s", array[k]);
        unsetenv(name);
    }
}

static void options(const uint8_t *bytes, size_t size)
{
    static int warm;
    static char many[1 << 16], name[] = "program";
    char *text = jf_copy_text((const char *)bytes, size), *rest = NULL;
    words[0] = name;
    if (!warm++) { /* what args.c keeps is not one call's */
        memset(many, '0', sizeof many - 3);
        memcpy(many + sizeof many - 3, ".5", 3);
        words[1] = (char[]){"--rate"};
        words[2] = many;
        n_words = 3;
        fuzz_call(read_options, NULL);
    }
    n_words = 1;
    for (char *word = strtok_r(text, "\n", &rest); word && n_words < MOST_WORDS;
         word = strtok_r(NULL, "\n", &rest))
        if (!is_variable(word))
            words[n_words++] = word;
    words[n_words] = NULL;
    int stopped = fuzz_call(read_options, NULL);
    forget_variables();
    demand(stopped <= 0 || stopped == 2, "an option is taken or refused");
    demand(fuzz_lines() == (stopped > 0), "a refusal is one line");
    free(text);
}

/* Tables of the tools. */

static void read_verdicts(void *arg)
{
    verdict_rows rows;
    size_t counts[VERDICTS];
    char text[48];
    int status = verdict_rows_read(&rows, arg);
    fuzz_read -= status != 0;
    if (status == 0)
        verdict_rows_count(&rows, "C1.1", counts);
    for (size_t i = 0; status == 0 && i < rows.count; i++)
        not_run(&rows.rows[i]);
    for (size_t i = 0; i < rows.count; i++)
        for (size_t k = 0; k < ROW_FIELDS; k++)
            demand(short_number(rows.rows[i].field[k], text) != NULL,
                   "a field has a short form");
    verdict_rows_free(&rows);
}

static void verdicts(const uint8_t *bytes, size_t size)
{
    const char *dir = fuzz_folder("verdicts/x.csv", bytes, size);
    int stopped = fuzz_call(read_verdicts, (void *)(uintptr_t)dir);
    demand(stopped == 0 && fuzz_lines() <= 1, "verdicts are read or refused");
}

static const char a_table[] = "rate,condition,what\n0.5,10,a\n1e-9,nan,b c\n";

static void read_tolerances(void *arg)
{
    jf_texts t, a;
    demand(jf_texts_read(fuzz_file(a_table, strlen(a_table)), &a) == 0,
           "a good table is read");
    int status = tolerances_read(arg, &t);
    fuzz_read -= status != 0;
    if (status == 0) {
        int *how = tolerances_fit(&t, "a-table", "rate");
        for (size_t i = 1; i < a.rows; i++)
            tolerance_of(&t, how, &a, i);
        free(how);
    }
    jf_texts_free(&t);
    jf_texts_free(&a);
}

static void tolerances(const uint8_t *bytes, size_t size)
{
    const char *dir = fuzz_folder("tolerances.csv", bytes, size);
    int stopped = fuzz_call(read_tolerances, (void *)(uintptr_t)dir);
    demand(stopped == 0 && fuzz_lines() <= 1, "tolerances are read or refused");
}

/* What is written as a field is read as that field. */
static void fields(const uint8_t *bytes, size_t size)
{
    enum { FIELDS = 3 };
    jf_text text = {0};
    jf_texts t;
    const char *const more[] = {"", "x", "a\"b"};
    char *copy = jf_copy_text((const char *)bytes, size);
    for (size_t k = 0; k < FIELDS; k++) {
        if (k)
            jf_text_bytes(&text, ",", 1);
        jf_text_field(&text, k == 1 ? copy : more[k]);
    }
    jf_text_bytes(&text, "\n", 1);
    int status = jf_texts_read(fuzz_file(text.data, text.length), &t);
    demand(status == GSL_SUCCESS && t.rows == 1 && t.columns == FIELDS,
           "a row that was written is one row");
    const char *found = jf_texts_field(&t, 0, 1), *blank = " \t";
    if (strpbrk(copy, ",\"\r\n") || (!strchr(blank, *copy) && *copy &&
                                     !strchr(blank, copy[strlen(copy) - 1])))
        demand(strcmp(found, copy) == 0, "a field is read as it was written");
    fuzz_runs++;
    fuzz_read++;
    jf_texts_free(&t);
    free(text.data);
    free(copy);
}

/* A formula of the report: its element is balanced, and shows its text. */
static void mathml(const uint8_t *bytes, size_t size)
{
    jf_text b = {0};
    char why[MATHML_WHY];
    char *text = jf_copy_text((const char *)bytes, size);
    int status = mathml_add(&b, text, strlen(text), why);
    demand(status == 0 || b.length == 0, "a bad formula adds nothing");
    long depth = 0;
    for (size_t i = 0; i < b.length; i++) {
        depth += b.data[i] == '<' ? b.data[i + 1] == '/' ? -1 : 1 : 0;
        depth -= b.data[i] == '/' && b.data[i + 1] == '>';
    }
    demand(depth == 0, "elements are closed");
    fuzz_runs++;
    fuzz_read += status == 0;
    free(text);
    free(b.data);
}

const fuzz_target fuzz_targets[] = {{"csv", csv, seed_csv},
                                    {"gz", gz, seed_gz},
                                    {"npy", npy, seed_npy},
                                    {"npz", npz, seed_npz},
                                    {"idx", idx, seed_idx},
#ifdef JF_HDF5
                                    {"hdf5", hdf5, seed_hdf5},
#endif
                                    {"png", png, seed_png},
                                    {"jpeg", jpeg, seed_jpeg},
                                    {"webp", webp, seed_webp},
                                    {"theta", theta, seed_theta},
                                    {"describe", describe, seed_describe},
                                    {"flow", flow_table, seed_flow},
                                    {"design", design_table, seed_design},
                                    {"options", options, seed_options},
                                    {"verdicts", verdicts, seed_verdicts},
                                    {"tolerances", tolerances, seed_tolerances},
                                    {"fields", fields, seed_fields},
                                    {"mathml", mathml, seed_mathml},
                                    {0}};
