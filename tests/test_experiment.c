/* test_experiment.c -- options, tables that resume, verdicts. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "check.h"
#include "common/experiment.h"

static char folder[] = "/tmp/jacflow-test-XXXXXX";

static jf_args arguments(int resume)
{
    return (jf_args){.program = "test",
                     .seed = 7,
                     .out = folder,
                     .profile = JF_QUICK,
                     .resume = resume};
}

static char *contents(const char *name)
{
    jf_text path = {0};
    jf_text_add(&path, "%s/%s", folder, name);
    char *all = jf_file_read(path.data, NULL);
    free(path.data);
    return all;
}

static int exists(const char *name)
{
    char *all = contents(name);
    free(all);
    return all != NULL;
}

static void fill(jf_table *t, size_t i)
{
    jf_table_row(t, i, "%zu," JF_G ",first", i, (double)((real)i / 3));
    jf_table_row(t, i, "%zu," JF_G ",second", i, (double)NAN);
    jf_table_finish(t, i);
}

/* The status of task in a process of its own. */
static int in_a_process(int (*task)(void))
{
    int status;
    if (fork() == 0)
        _exit(task());
    wait(&status);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* 10 when a table is as its rows are, and its partial file stays. */
static int whole_table(void)
{
    jf_args args = arguments(0);
    jf_table *t = jf_table_new(&args, "a", "i,third,name", 3);
    char name[16];
    int good = !jf_table_has(t, 0);
    for (size_t i = 3; i-- > 0;) /* any order */
        fill(t, i);
    good &= jf_table_rows(t, 1) == 2;
    good &= (real)jf_table_number(t, 2, 0, "third") == R(2.0) / 3;
    good &= isnan(jf_table_number(t, 2, 1, "third")) != 0;
    jf_table_string(t, 0, 1, "name", name, sizeof name);
    good &= strcmp(name, "second") == 0;
    good &= !exists("a.csv") && exists("a.csv.partial");
    jf_table_close(t);
    good &= exists("a.csv") && exists("a.csv.partial");
    return good ? 10 : 1;
}

static void test_table(void)
{
    CHECK(in_a_process(whole_table) == 10);
    jf_args again = arguments(1); /* a later table failed: this one is kept */
    jf_table *t = jf_table_new(&again, "a", "i,third,name", 3);
    CHECK(jf_table_has(t, 0) && jf_table_has(t, 1) && jf_table_has(t, 2));
    jf_table_close(t);
    jf_tables_done();
    CHECK(exists("a.csv") && !exists("a.csv.partial"));
}

/* A text with a comma would shift the columns behind it. */
static void test_misfit(void)
{
    int status;
    if (fork() == 0) {
        jf_args args = arguments(0);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        jf_table *t = jf_table_new(&args, "c", "a,b", 1);
        jf_table_row(t, 0, "%s,%d", "x, y", 1);
        _exit(0);
    }
    wait(&status);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* A run that dies after two points, then goes on: the bytes of one run, and
 * the finished points are not computed again. */
static void test_resume(void)
{
    char *whole = contents("a.csv");
    if (fork() == 0) {
        jf_args args = arguments(0);
        jf_table *t = jf_table_new(&args, "a", "i,third,name", 3);
        fill(t, 2);
        fill(t, 0);
        _exit(0);
    }
    int status;
    wait(&status);
    jf_args args = arguments(1);
    jf_table *t = jf_table_new(&args, "a", "i,third,name", 3);
    CHECK(jf_table_has(t, 0) && !jf_table_has(t, 1) && jf_table_has(t, 2));
    CHECK((real)jf_table_number(t, 2, 0, "third") == R(2.0) / 3);
    fill(t, 1);
    jf_table_close(t);
    char *again = contents("a.csv");
    CHECK(whole && again && strcmp(whole, again) == 0);
    free(whole);
    free(again);
}

/* A grid in shares, of which one was torn and went on: each has its points and
 * those that are everywhere, none has a file or is judged; joined they are the
 * bytes of one run, which computes nothing. */
static void test_shares(void)
{
    jf_args args = arguments(0);
    jf_table *t = jf_table_new(&args, "s", "i,third,name", 5);
    for (size_t i = 0; i < 5; i++)
        fill(t, i);
    CHECK(jf_table_whole(t));
    jf_table_close(t);
    jf_tables_done();
    char *whole = contents("s.csv");
    for (size_t turn = 0; turn < 3; turn++) {
        jf_args share = arguments(turn == 2);
        share.shard = turn % 2;
        share.shards = 2;
        t = jf_table_new(&share, "s", "i,third,name", 5);
        jf_table_everywhere(t, 4);
        for (size_t i = 0; i < 5; i++) {
            int ours = i % 2 == share.shard || i == 4;
            /* the last finds point 4 with the other share */
            CHECK(jf_table_has(t, i) == (!ours || turn == 2));
            if (turn > 0 || i < 4) /* the first dies before the last */
                fill(t, i);
            CHECK((jf_table_rows(t, i) == 2) == (ours && (turn > 0 || i < 4)));
        }
        CHECK(!jf_table_whole(t));
        jf_table_close(t);
        CHECK(!jf_tables_whole() && !jf_tables_missing());
        jf_tables_done();
        CHECK(exists(share.shard ? "s.csv.2-of-2.partial"
                                 : "s.csv.1-of-2.partial"));
    }
    char *before = contents("s.csv");
    CHECK(before && strcmp(before, whole) == 0); /* of the one run */
    jf_args merge = arguments(0);
    merge.merge = 1;
    t = jf_table_new(&merge, "s", "i,third,name", 5);
    for (size_t i = 0; i < 5; i++)
        CHECK(jf_table_has(t, i) && jf_table_rows(t, i) == 2);
    CHECK(jf_table_whole(t));
    jf_table_close(t);
    CHECK(jf_tables_whole());
    jf_tables_done();
    char *again = contents("s.csv");
    CHECK(again && strcmp(again, whole) == 0);
    CHECK(!exists("s.csv.1-of-2.partial") && !exists("s.csv.2-of-2.partial"));
    t = jf_table_new(&merge, "s", "i,third,name", 5); /* nothing is left */
    CHECK(jf_table_has(t, 3) && !jf_table_whole(t));
    jf_table_close(t);
    CHECK(jf_tables_missing() &&
          strcmp(jf_tables_missing(), "s.csv: 1 of 5 points, number 4") == 0);
    jf_tables_done();
    free(again);
    free(before);
    free(whole);
}

/* A point in which the run stops is as one that was not begun. */
static void test_leave(void)
{
    jf_args args = arguments(0);
    jf_table *t = jf_table_new(&args, "l", "i,third,name", 2);
    fill(t, 0);
    jf_table_row(t, 1, "%d," JF_G ",half", 1, 0.0);
    CHECK(strstr(jf_table_text(t, 1), "half"));
    jf_table_leave(t, 1);
    CHECK(!jf_table_whole(t));
    jf_table_close(t);
    jf_tables_done();
    CHECK(!exists("l.csv") && exists("l.csv.partial"));
    args.resume = 1;
    t = jf_table_new(&args, "l", "i,third,name", 2);
    CHECK(jf_table_has(t, 0) && !jf_table_has(t, 1));
    CHECK(jf_table_rows(t, 1) == 0);
    fill(t, 1);
    jf_table_close(t);
    jf_tables_done();
    CHECK(exists("l.csv") && !exists("l.csv.partial"));
}

/* A name with a line's end in it stays within its line of the header. */
static void test_header(void)
{
    jf_args args = arguments(0);
    args.data = "a\nb";
    args.own = " --flow c\nd";
    jf_table_close(jf_table_new(&args, "e", "i", 1));
    char *all = contents("e.csv");
    CHECK(all && strstr(all, " --data a?b --flow c?d\n# precision"));
    free(all);
}

/* Other options, or no wish to resume: nothing is taken over. */
static void test_no_resume(void)
{
    if (fork() == 0) {
        jf_args args = arguments(0);
        jf_table *t = jf_table_new(&args, "b", "i,third,name", 2);
        fill(t, 0);
        _exit(0);
    }
    int status;
    wait(&status);
    jf_args other = arguments(1);
    other.seed = 8;
    jf_table *t = jf_table_new(&other, "b", "i,third,name", 2);
    CHECK(!jf_table_has(t, 0));
    jf_table_close(t);
}

static jf_args with_inputs(int resume)
{
    static char data[64], value[64];
    static const char *const values[] = {"adam", value};
    jf_args args = arguments(resume);
    snprintf(data, sizeof data, "%s/pictures", folder);
    snprintf(value, sizeof value, "%s/flow.csv", folder);
    args.data = data;
    args.values = values;
    args.n_values = 2;
    return args;
}

static int leave_two(void)
{
    jf_args args = with_inputs(0);
    jf_table *t = jf_table_new(&args, "d", "i,third,name", 3);
    fill(t, 1);
    fill(t, 2);
    return 0;
}

/* 10, and how many points are taken over: sanitizers end with 1. */
static int taken(void)
{
    jf_args args = with_inputs(1);
    jf_table *t = jf_table_new(&args, "d", "i,third,name", 3);
    return 10 + jf_table_has(t, 0) + jf_table_has(t, 1) + jf_table_has(t, 2);
}

/* Whether the partial file names the build that it is of, by the sum of the
 * program's bytes. */
static int names_build(void)
{
    size_t size;
    char *program = jf_file_read("/proc/self/exe", &size);
    char *all = contents("d.csv.partial");
    jf_text line = {0};
    jf_text_add(&line, "\n#build %lu\n",
                crc32(0, (const unsigned char *)program, (unsigned)size));
    int found = all && strstr(all, line.data);
    free(line.data);
    free(all);
    free(program);
    return found;
}

static void write_text(const char *name, const char *text)
{
    jf_text path = {0};
    jf_text_add(&path, "%s/%s", folder, name);
    CHECK(jf_output_write(path.data, text, strlen(text)) == 0);
    free(path.data);
}

/* A file of the run has other bytes now: of the folder of --data, of an option
 * of the program, or among the tables that ship. */
static void test_inputs(void)
{
    static const char *const names[] = {"pictures/b.png", "flow.csv",
                                        "tables/iris.csv"};
    char tables[64];
    snprintf(tables, sizeof tables, "%s/tables", folder);
    setenv("JF_DATA_DIR", tables, 1);
    write_text("pictures/a.png", "a");
    for (size_t k = 0; k < 3; k++)
        write_text(names[k], "old");
    for (size_t k = 0; k < 3; k++) {
        CHECK(in_a_process(leave_two) == 0 && in_a_process(taken) == 12);
        write_text(names[k], "new");
        CHECK(in_a_process(taken) == 10);
    }
    CHECK(in_a_process(leave_two) == 0 && names_build());
    write_text("pictures/c.png", "");
    CHECK(in_a_process(taken) == 10);
    unsetenv("JF_DATA_DIR");
}

/* What is left of a partial file when the power goes: of its last point
 * "#done" without its number or its end, or a number that no point has; and
 * files of another build. */
static void test_torn(void)
{
    static const struct {
        const char *from, *to;
        int points;
    } cases[] = {
        {"#done 2\n", "#done 2\n", 2}, {"#done 2\n", "#done 2", 1},
        {"#done 2\n", "#done ", 1},    {"#done 2\n", "#done \n", 1},
        {"#done 2\n", "#done 3\n", 1}, {"#done 2\n", "#done 2x\n", 1},
        {"#build ", "#build 1", 0},    {"#inputs ", "#inputs 1", 0},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        CHECK(in_a_process(leave_two) == 0 && in_a_process(taken) == 12);
        char *all = contents("d.csv.partial");
        char *at = all ? strstr(all, cases[k].from) : NULL;
        jf_text torn = {0};
        CHECK(at != NULL);
        jf_text_add(&torn, "%.*s%s%s", (int)(at - all), all, cases[k].to,
                    at + strlen(cases[k].from));
        write_text("d.csv.partial", torn.data);
        CHECK(in_a_process(taken) == 10 + cases[k].points);
        free(torn.data);
        free(all);
    }
}

/* The verdict of a finding, alone in its file; the control's into control. */
static char verdict_of(jf_finding f, jf_relation relation, int planted,
                       char *control)
{
    jf_args args = arguments(0);
    jf_claim claim = {"C1.1",    "a, b",       "none",
                      "by hand", JF_STATISTIC, "2 for 1, or so"};
    args.control = planted;
    jf_verdicts *v = jf_verdicts_new(&args);
    jf_judge(v, &claim, relation, &f);
    jf_verdicts_close(v);
    char *all = contents("verdicts/test.csv");
    char *row = strstr(all, "\nC1.1,statistic,\"a, b\",none,by hand");
    CHECK(row && strstr(row, ",\"2 for 1, or so\","));
    char *program = row ? strrchr(row, ',') : NULL;
    char word[2][16] = {"", ""};
    for (int k = 0; k < 2 && program; k++) {
        *program = '\0';
        program = strrchr(row, ',');
        snprintf(word[k], sizeof word[k], "%s", program ? program + 1 : "");
    }
    if (control)
        *control = word[1][0];
    free(all);
    return word[0][0];
}

static char plain(double measured, jf_relation relation, double expected,
                  double tolerance)
{
    return verdict_of((jf_finding){.measured = measured,
                                   .expected = expected,
                                   .tolerance = tolerance},
                      relation, 0, NULL);
}

static void test_tolerances(void)
{
    CHECK(plain(1.5, JF_EQUAL, 1, 0.5) == 'v');
    CHECK(plain(1.5, JF_EQUAL, 1, 0.4) == 'r');
    CHECK(plain(1.5, JF_AT_MOST, 1, 0.4) == 'r');
    CHECK(plain(0.5, JF_AT_MOST, 1, 0) == 'v');
    CHECK(plain(0.5, JF_AT_LEAST, 1, 0.4) == 'r');
    CHECK(plain(1.5, JF_AT_LEAST, 1, 0) == 'v');
    CHECK(plain((double)INFINITY, JF_EQUAL, (double)INFINITY, 0) == 'v');
    CHECK(plain((double)NAN, JF_EQUAL, 1, 1e9) == 'u');
    CHECK(plain(1, JF_EQUAL, (double)NAN, 1e9) == 'u');
    CHECK(plain(1, JF_AT_MOST, 1, (double)NAN) == 'u');
}

/* A share is 2e-6: 4.75 standard errors of an equality, 4.61 of an inequality;
 * Student's t with few degrees of freedom wants more. */
static void test_laws_of_statistics(void)
{
    char control;
    CHECK(fabs(jf_critical(0, JF_EQUAL) - 4.753424308822899) < 1e-12);
    CHECK(fabs(jf_critical(0, JF_AT_MOST) - 4.611382362302668) < 1e-12);
    CHECK(fabs(jf_tail(2, 3, JF_EQUAL) - 0.139326) < 1e-6);
    CHECK(fabs(jf_tail(jf_critical(5, JF_EQUAL), 5, JF_EQUAL) -
               JF_LEVEL / JF_SHARES) < 1e-15);
    CHECK(jf_critical(5, JF_EQUAL) > 20 && jf_critical(5, JF_EQUAL) < 30);

    jf_finding f = {.measured = 4.7, .law = JF_BY_ERRORS, .se = 1};
    CHECK(verdict_of(f, JF_EQUAL, 0, &control) == 'v' && control == 'r');
    CHECK(verdict_of(f, JF_AT_MOST, 0, NULL) == 'r');
    CHECK(verdict_of(f, JF_AT_LEAST, 0, &control) == 'v' && control == 'r');
    f.freedom = 5;
    CHECK(verdict_of(f, JF_AT_MOST, 0, NULL) == 'v');
    f.broken = 40;
    CHECK(verdict_of(f, JF_AT_MOST, 1, NULL) == 'r');
    f.broken = 1; /* too small to be seen: the error survives its control */
    CHECK(verdict_of(f, JF_AT_MOST, 1, NULL) == 'v');
    f.se = 0;
    CHECK(verdict_of(f, JF_EQUAL, 0, NULL) == 'u');
    f.se = (double)NAN;
    CHECK(verdict_of(f, JF_EQUAL, 0, NULL) == 'u');

    f = (jf_finding){.measured = 4.9, .law = JF_BY_FIVE, .se = 1};
    CHECK(verdict_of(f, JF_EQUAL, 0, NULL) == 'v');
    f.measured = 5.1;
    CHECK(verdict_of(f, JF_EQUAL, 0, NULL) == 'r');

    f = (jf_finding){.law = JF_BY_P, .p = 1e-5, .planted_p = 1e-9};
    CHECK(verdict_of(f, JF_EQUAL, 0, &control) == 'v' && control == 'r');
    f.planted_p = 1e-5;
    CHECK(verdict_of(f, JF_EQUAL, 0, &control) == 'v' && control == 'v');
    f.p = 1e-6;
    CHECK(verdict_of(f, JF_EQUAL, 0, NULL) == 'r');
    f.p = (double)NAN;
    CHECK(verdict_of(f, JF_EQUAL, 0, NULL) == 'u');

    f = (jf_finding){.open = "it has not arrived"};
    CHECK(verdict_of(f, JF_EQUAL, 0, NULL) == 'u');
}

/* Cells of one statement share the row's level. */
static void test_family(void)
{
    double z[10] = {0, 1, -2, 0.5, 0, 0, 0, 0, 4.9, 0};
    jf_finding f = {0};
    char control;
    jf_family(&f, 10, z, 0, JF_EQUAL);
    CHECK(f.measured >= 4.9 && f.measured <= 4.9);
    CHECK(fabs(f.p - 10 * jf_tail(4.9, 0, JF_EQUAL)) < 1e-18);
    CHECK(verdict_of(f, JF_EQUAL, 0, &control) == 'v' && control == 'r');
    jf_family(&f, 1, z + 8, 0, JF_EQUAL);
    CHECK(verdict_of(f, JF_EQUAL, 0, NULL) == 'r');
    jf_family(&f, 10, z, 0, JF_AT_LEAST);
    CHECK(f.measured <= -2 && f.measured >= -2);
    jf_family_broken(&f, 10, (double[10]){-9}, 0, JF_AT_LEAST);
    CHECK(verdict_of(f, JF_AT_LEAST, 1, NULL) == 'r');
    z[3] = (double)NAN;
    jf_family(&f, 10, z, 0, JF_EQUAL);
    CHECK(verdict_of(f, JF_EQUAL, 0, NULL) == 'u');
}

/* Exact tails; 5 of 100 at a rate of .01 is what a share refuses, 10 not yet at
 * .05. */
static void test_binomial(void)
{
    jf_finding f = {0};
    char control;
    CHECK(fabs(jf_binomial_p(2, 10, 0.1, JF_AT_MOST) - 0.2639010709) < 1e-10);
    CHECK(fabs(jf_binomial_p(2, 10, 0.1, JF_AT_LEAST) - 0.9298091736) < 1e-10);
    CHECK(jf_binomial_p(0, 10, 0.1, JF_AT_MOST) >= 1);
    jf_binomial(&f, 10, 100, 0.01, JF_AT_MOST);
    CHECK(verdict_of(f, JF_AT_MOST, 0, NULL) == 'r');
    jf_binomial(&f, 10, 100, 0.05, JF_AT_MOST);
    CHECK(verdict_of(f, JF_AT_MOST, 0, &control) == 'v' && control == 'r');
    CHECK(f.detectable > 0.1 && f.detectable < 0.25);
    jf_binomial(&f, 90, 100, 0.95, JF_AT_LEAST);
    CHECK(verdict_of(f, JF_AT_LEAST, 0, &control) == 'v' && control == 'r');
    f.broken = jf_binomial_p(50, 100, 0.95, JF_AT_LEAST);
    CHECK(verdict_of(f, JF_AT_LEAST, 1, NULL) == 'r');
    jf_binomial(&f, 5, 10, 0.5, JF_EQUAL); /* ten can refute nothing */
    CHECK(verdict_of(f, JF_EQUAL, 0, &control) == 'v' && control == 'v');
}

/* Hypotheses of claims.def, and an id that is not there. */
static void test_claims(void)
{
    CHECK(jf_claim_hypotheses("C3.2") &&
          strstr(jf_claim_hypotheses("C3.2"), "Sigma"));
    CHECK(jf_claim_hypotheses("C1.3w") == jf_claim_hypotheses("C1.3"));
    CHECK(!jf_claim_hypotheses("C1.30") && !jf_claim_hypotheses(""));
    int status = 0;
    if (fork() == 0) {
        jf_args args = arguments(0);
        jf_claim claim = {"C1.30", "a", NULL, "by hand", JF_IDENTITY, "c"};
        CHECK(freopen("/dev/null", "w", stderr) != NULL);
        jf_judge(jf_verdicts_new(&args), &claim, JF_EQUAL, &(jf_finding){0});
        _exit(0);
    }
    wait(&status);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* Whether the words of a command line are refused by status 2 and one line on
 * stderr that says what, of the command line, is wrong. */
static int blamed(const char *what, int count, const char *const *words)
{
    int status, ends[2];
    char line[256] = {0};
    if (pipe(ends) != 0)
        return 0;
    if (fork() == 0) {
        char *argv[8] = {(char *)"prog"};
        memcpy(argv + 1, words, (size_t)count * sizeof *words);
        dup2(ends[1], 2);
        jf_args_read(count + 1, argv, "about", NULL);
        _exit(0);
    }
    close(ends[1]);
    wait(&status); /* a line fits the pipe */
    ssize_t n = read(ends[0], line, sizeof line - 1);
    close(ends[0]);
    return n > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 2 &&
           strchr(line, '\n') == line + strlen(line) - 1 &&
           strstr(line, what) != NULL;
}

static int refused(const char *option, const char *value)
{
    return blamed(option, value ? 2 : 1, (const char *[]){option, value});
}

/* The word that is wrong is the one that is named. */
static void test_blame(void)
{
    CHECK(blamed("-xyz", 3, (const char *[]){"--seed", "1", "-xyz"}));
    CHECK(blamed("-x", 4, (const char *[]){"--seed", "1", "-x", "2"}));
    CHECK(blamed("--no", 3, (const char *[]){"--seed", "1", "--no"}));
    CHECK(blamed("--quiet=3", 2, (const char *[]){"--quiet", "--quiet=3"}));
    CHECK(blamed("stray", 3, (const char *[]){"stray", "-xyz", "--seed"}));
    CHECK(blamed("stray", 3, (const char *[]){"--quiet", "--", "stray"}));
    CHECK(blamed("a?b", 1, (const char *[]){"a\nb"}));
    CHECK(blamed("--out", 2, (const char *[]){"--quiet", "--out"}));
}

/* 10 after a number was read, which 2 refuses. */
static const char *rate;
static int reads_rate(void)
{
    if (!freopen("/dev/null", "w", stderr))
        return 1;
    return jf_args_real("rate", rate, 0, 100) > 0 ? 10 : 1;
}

static void test_real(void)
{
    static const char *const bad[] = {"0x10", " 1",  "1 ",  "+.", "1,5",
                                      "nan",  "inf", "101", "0",  ""};
    static const char *const good[] = {"1e-3", "+.5", "100"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        rate = bad[k];
        CHECK(in_a_process(reads_rate) == 2);
    }
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        rate = good[k];
        CHECK(in_a_process(reads_rate) == 10);
    }
}

/* A link of a folder to itself has no end. */
static void test_loop(void)
{
    char link[64];
    snprintf(link, sizeof link, "%s/pictures/loop", folder);
    CHECK(symlink(".", link) == 0);
    CHECK(in_a_process(leave_two) == 0 && in_a_process(taken) == 12);
    CHECK(unlink(link) == 0);
}

static void test_args(void)
{
    CHECK(refused("--seed", "-1"));
    CHECK(refused("--seed", "x"));
    CHECK(refused("--seed", "99999999999999999999999"));
    CHECK(refused("--seed", NULL));
    CHECK(refused("--threads", "-2"));
    CHECK(refused("--threads", "1e3"));
    CHECK(refused("--profile", "slow"));
    CHECK(refused("--columns", "1"));
    CHECK(refused("--drop-missing", NULL));
    CHECK(refused("--nonsense", NULL));
    CHECK(refused("stray", NULL));
    CHECK(!refused("--seed", "3"));
    char *argv[] = {(char *)"a/prog",    (char *)"--flag",
                    (char *)"--text",    (char *)"hello",
                    (char *)"--profile", (char *)"full",
                    (char *)"--quiet",   NULL};
    int flag = 0;
    const char *text = NULL;
    const jf_option own[] = {
        {"flag", "", &flag, NULL}, {"text=WORD", "", NULL, &text}, {0}};
    jf_args args = jf_args_read(7, argv, "about", own);
    CHECK(strcmp(args.own, " --flag --text hello") == 0);
    CHECK(flag == 1 && text && strcmp(text, "hello") == 0);
    CHECK(args.n_values == 1 && args.values[0] == text);
    CHECK(args.profile == JF_FULL && args.quiet && args.seed == 1);
    CHECK(strcmp(args.program, "prog") == 0);

    char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    argv[3] = longest;
    optind = 0; /* read a new line */
    args = jf_args_read(4, argv, "about", own);
    CHECK(strlen(args.own) > 5000 && strstr(args.own, longest));
}

int main(void)
{
    jf_text command = {0};
    if (!mkdtemp(folder))
        return 1;
    test_blame(); /* these three in a process that has done nothing */
    test_inputs();
    test_torn();
    test_loop();
    test_real();
    test_args();
    test_table();
    test_misfit();
    test_resume();
    test_no_resume();
    test_shares();
    test_leave();
    test_header();
    test_tolerances();
    test_laws_of_statistics();
    test_family();
    test_binomial();
    test_claims();
    jf_text_add(&command, "rm -r %s", folder);
    CHECK(system(command.data) == 0);
    free(command.data);
    return check_end();
}
