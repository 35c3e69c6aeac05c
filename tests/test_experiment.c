/* test_experiment.c -- options, tables that resume, verdicts. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void test_table(void)
{
    jf_args args = arguments(0);
    jf_table *t = jf_table_new(&args, "a", "i,third,name", 3);
    char name[16];
    CHECK(!jf_table_has(t, 0));
    for (size_t i = 3; i-- > 0;) /* any order */
        fill(t, i);
    CHECK(jf_table_rows(t, 1) == 2);
    CHECK((real)jf_table_number(t, 2, 0, "third") == R(2.0) / 3);
    CHECK(isnan(jf_table_number(t, 2, 1, "third")));
    jf_table_string(t, 0, 1, "name", name, sizeof name);
    CHECK(strcmp(name, "second") == 0);
    CHECK(!exists("a.csv") && exists("a.csv.partial"));
    jf_table_close(t);
    CHECK(exists("a.csv") && exists("a.csv.partial"));
    jf_args again = arguments(1); /* a later table failed: this one is kept */
    t = jf_table_new(&again, "a", "i,third,name", 3);
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

static void test_verdicts(void)
{
    jf_args args = arguments(0);
    jf_verdicts *v = jf_verdicts_new(&args);
    jf_claim claim = {"C1.1", "a, b", "none", "by hand"};
    jf_verdict(v, &claim, 1.5, JF_EQUAL, 1, 0.5);
    jf_verdict(v, &claim, 1.5, JF_EQUAL, 1, 0.4);
    jf_verdict(v, &claim, (double)NAN, JF_EQUAL, 1, 1e9);
    jf_verdict(v, &claim, 1.5, JF_AT_MOST, 1, 0.4);
    jf_verdict(v, &claim, 0.5, JF_AT_MOST, 1, 0);
    jf_verdict(v, &claim, 0.5, JF_AT_LEAST, 1, 0.4);
    jf_verdict(v, &claim, 1.5, JF_AT_LEAST, 1, 0);
    jf_verdict(v, &claim, (double)INFINITY, JF_EQUAL, (double)INFINITY, 0);
    jf_verdicts_close(v);
    char *all = contents("verdicts/test.csv");
    const char *const expected[] = {"verified", "refuted",  "undecided",
                                    "refuted",  "verified", "refuted",
                                    "verified", "verified"};
    const char *row = all ? strstr(all, "id,statement") : NULL;
    for (size_t i = 0; i < 8; i++) {
        row = row ? strchr(row, '\n') : NULL;
        CHECK(row != NULL);
        if (!row++)
            break;
        const char *found = strstr(row, expected[i]);
        CHECK(found && found < row + strcspn(row, "\n"));
        CHECK(strncmp(row, "C1.1,\"a, b\",none,by hand,", 25) == 0);
    }
    free(all);
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
        jf_claim claim = {"C1.30", "a", NULL, "by hand"};
        CHECK(freopen("/dev/null", "w", stderr) != NULL);
        jf_verdict(jf_verdicts_new(&args), &claim, 1, JF_EQUAL, 1, 0);
        _exit(0);
    }
    wait(&status);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* What the program prints to stderr, and its status, for one option. */
static int refused(const char *option, const char *value)
{
    int status, ends[2];
    char line[256] = {0};
    if (pipe(ends) != 0)
        return 0;
    if (fork() == 0) {
        char *argv[] = {(char *)"prog", (char *)option, (char *)value, NULL};
        dup2(ends[1], 2);
        jf_args_read(value ? 3 : 2, argv, "about", NULL);
        _exit(0);
    }
    close(ends[1]);
    wait(&status); /* a line fits the pipe */
    ssize_t n = read(ends[0], line, sizeof line - 1);
    close(ends[0]);
    return n > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 2 &&
           strchr(line, '\n') == line + strlen(line) - 1;
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
    CHECK(args.profile == JF_FULL && args.quiet && args.seed == 1);
    CHECK(strcmp(args.program, "prog") == 0);
}

int main(void)
{
    jf_text command = {0};
    if (!mkdtemp(folder))
        return 1;
    test_args();
    test_table();
    test_misfit();
    test_resume();
    test_no_resume();
    test_verdicts();
    test_claims();
    jf_text_add(&command, "rm -r %s", folder);
    CHECK(system(command.data) == 0);
    free(command.data);
    return check_end();
}
