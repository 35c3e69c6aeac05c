/* test_io.c -- tables of text, files that appear whole, growing texts. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "hush.h"
#include "jf.h"

static char folder[] = "/tmp/jacflow-test-XXXXXX";

static char *contents(const char *name)
{
    jf_text path = {0};
    jf_text_add(&path, "%s/%s", folder, name);
    char *all = jf_file_read(path.data, NULL);
    free(path.data);
    return all;
}

/* What is put on the disk, in place of the system's: the contents of the file
 * under its final name when a new file is; then folders. */
static char before[16];
static int files_kept, folders_kept, disk_fails;
static long bytes_kept; /* -1: after its folder */

int fsync(int fd)
{
    struct stat info;
    CHECK(fstat(fd, &info) == 0);
    if (S_ISDIR(info.st_mode)) {
        folders_kept++;
    } else {
        char *all = contents("kept");
        bytes_kept = folders_kept ? -1 : (long)info.st_size;
        snprintf(before, sizeof before, "%s", all ? all : "none");
        files_kept++;
        free(all);
    }
    errno = EIO;
    return disk_fails ? -1 : 0;
}

/* The file is on the disk before it has its name, the name before the end. */
static void test_kept(void)
{
    jf_text path = {0};
    jf_text_add(&path, "%s/kept", folder);
    files_kept = folders_kept = 0;
    CHECK(jf_output_write(path.data, "one", 3) == GSL_SUCCESS);
    CHECK(files_kept == 1 && folders_kept == 1 && strcmp(before, "none") == 0);
    folders_kept = 0;
    CHECK(jf_output_write(path.data, "two", 3) == GSL_SUCCESS);
    CHECK(files_kept == 2 && folders_kept == 1 && strcmp(before, "one") == 0);
    CHECK(bytes_kept == 3);
    folders_kept = 0;
    disk_fails = 1;
    hush_begin();
    CHECK(jf_output_write(path.data, "six", 3) == GSL_EFAILED);
    CHECK(hush_end() == 1 && files_kept == 3 && folders_kept == 0);
    disk_fails = 0;
    char *all = contents("kept");
    CHECK(all && strcmp(all, "two") == 0);
    free(all);
    free(path.data);
}

static void test_output(void)
{

    jf_text path = {0}, field = {0};
    jf_text_add(&path, "%s/deep/er/file", folder);
    CHECK(jf_output_write(path.data, "one", 3) == GSL_SUCCESS);
    CHECK(jf_output_write(path.data, "two", 3) == GSL_SUCCESS);
    char *all = contents("deep/er/file");
    CHECK(all && strcmp(all, "two") == 0);
    free(all);
    free(path.data);
    path = (jf_text){0};
    jf_text_add(&path, "%s/deep/er/file/below", folder); /* a file, no folder */
    int kept = dup(2), null = open("/dev/null", O_WRONLY);
    dup2(null, 2);
    int status = jf_output_write(path.data, "no", 2);
    dup2(kept, 2);
    close(kept);
    close(null);
    CHECK(status == GSL_EFAILED);
    free(path.data);
    jf_text_field(&field, "plain");
    jf_text_field(&field, ";a \"b\", c");
    CHECK(strcmp(field.data, "plain\";a \"\"b\"\", c\"") == 0);
    free(field.data);
}

/* A name of the locale of Germany, whose numbers have a decimal comma; NULL when
 * it is neither here nor can be made. */
static const char *with_comma(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "made"};
    jf_text command = {0};
    for (size_t k = 0; k < 2; k++)
        if (setlocale(LC_ALL, names[k]))
            return names[k];
    jf_text_add(&command, "localedef -i de_DE -f UTF-8 %s/made 2>/dev/null",
                folder);
    int status = system(command.data);
    free(command.data);
    setenv("LOCPATH", folder, 1);
    return status == 0 && setlocale(LC_ALL, names[2]) ? names[2] : NULL;
}

/* A link stays one, and what it leads to is new; a pipe gets the bytes, and stays
 * one. */
static void test_no_files(void)
{
    jf_text file = {0}, link = {0}, pipe = {0};
    struct stat info;
    char got[8] = "";
    jf_text_add(&file, "%s/file", folder);
    jf_text_add(&link, "%s/link", folder);
    jf_text_add(&pipe, "%s/pipe", folder);
    CHECK(jf_output_write(file.data, "old", 3) == GSL_SUCCESS);
    CHECK(symlink("file", link.data) == 0 && mkfifo(pipe.data, 0600) == 0);
    CHECK(jf_output_write(link.data, "new", 3) == GSL_SUCCESS);
    CHECK(lstat(link.data, &info) == 0 && S_ISLNK(info.st_mode));
    char *all = contents("file");
    CHECK(all && strcmp(all, "new") == 0);
    free(all);
    int end = open(pipe.data, O_RDONLY | O_NONBLOCK);
    CHECK(end >= 0);
    CHECK(jf_output_write(pipe.data, "bytes", 5) == GSL_SUCCESS);
    CHECK(read(end, got, sizeof got) == 5 && strcmp(got, "bytes") == 0);
    CHECK(lstat(pipe.data, &info) == 0 && S_ISFIFO(info.st_mode));
    close(end);
    remove(file.data); /* a link that leads nowhere */
    hush_begin();
    int status = jf_output_write(link.data, "new", 3);
    CHECK(hush_end() == 1);
    CHECK(status == GSL_EFAILED);
    remove(link.data);
    remove(pipe.data);
    free(pipe.data);
    free(link.data);
    free(file.data);
}

/* Names of files, as tables show them. */
static void test_plain_name(void)
{
    char name[] = "#a,b\"c\n\033d#\xc3\xa4 e";
    jf_plain_name(name);
    CHECK(strcmp(name, "_a_b_c__d#\xc3\xa4 e") == 0);
}

/* Numbers are written and read with a point, and the locale stays. */
static void test_locale(void)
{
    const char *name = with_comma();
    if (!name) {
        printf("no locale with a decimal comma here\n");
        return;
    }
    char own[16], *end;
    jf_text text = {0};
    size_t used;
    snprintf(own, sizeof own, "%g", 0.5);
    CHECK(strcmp(own, "0,5") == 0);
    jf_text_add(&text, "%d,%g,%.3f", 1, 0.5, 1e-3);
    CHECK(strcmp(text.data, "1,0.5,0.001") == 0);
    CHECK(jf_to_double("0.5,", &end) == 0.5 && strcmp(end, ",") == 0);
    CHECK(jf_parse_number("1.25e3", 6, &used) == 1250 && used == 6);
    CHECK(jf_error_report(GSL_EDOM, "f", 1, "%g", 0.5) == GSL_EDOM);
    CHECK(strcmp(jf_error_last()->message, "0.5") == 0);
    jf_error_clear();
    jf_map map = jf_map_clamp(R(0.5)); /* a flow's description */
    CHECK(strstr(map.text, "0.5") != NULL);
    snprintf(own, sizeof own, "%g", 0.5);
    CHECK(strcmp(own, "0,5") == 0);
    free(text.data);
    setlocale(LC_ALL, "C");
}

/* The fields of all records, | between them and / behind each record. */
static char *fields(const char *text, char separator)
{
    jf_csv c;
    jf_text all = {0};
    if (jf_csv_index("t", text, strlen(text), separator, &c) == GSL_SUCCESS)
        for (size_t i = 0; i < c.rows; i++) {
            jf_csv_cursor cursor = jf_csv_record(&c, i);
            for (jf_csv_field f; jf_csv_next(&c, &cursor, &f);)
                jf_text_add(&all, "%.*s|", (int)f.length, f.text);
            jf_text_add(&all, "%zu/", jf_csv_line(&c, i));
        }
    jf_csv_clear(&c);
    return all.data;
}

static int reads(const char *text, char separator, const char *expected)
{
    char *found = fields(text, separator);
    int same = found && strcmp(found, expected) == 0;
    free(found);
    return same;
}

/* Dialects; faults are refused. */
static void test_csv(void)
{
    CHECK(reads("a,b\n1,2\n", 0, "a|b|1/1|2|2/"));
    CHECK(reads("a, b\r\n\r\n# c\r\n1 ,2", 0, "a|b|1/1|2|4/"));
    CHECK(reads("a;b,c\n", ';', "a|b,c|1/"));
    CHECK(reads("a;b\n", 0, "a|b|1/"));
    CHECK(reads("\"a,b\";c\n", 0, "a,b|c|1/"));
    CHECK(reads(" 1   2 3 \n4 5\t6\n", 0, "1|2|3|1/4|5|6|2/"));
    CHECK(reads("1\t\t3\n", 0, "1||3|1/"));
    CHECK(reads("1,,\n", 0, "1|||1/"));
    CHECK(reads("\"a\nb\",\"c\"\n1,2\n", 0, "a\nb|c|1/1|2|3/"));
    CHECK(reads("x,\"#\n#\"\n3,4\n", 0, "x|#\n#|1/3|4|3/"));
    CHECK(reads("5\",6\n", 0, "5\"|6|1/")); /* inches */
    CHECK(!reads("a,b\n1,2\n", ';', "a|b|1/1|2|2/"));
    hush_begin();
    char *open = fields("a,\"b\n1,2\n", 0), *behind = fields("\"a\"b,c\n", 0);
    jf_csv c;
    int status = jf_csv_index("t", "a\0b", 3, 0, &c);
    CHECK(hush_end() == 3);
    CHECK(!open && !behind && status == GSL_EFAILED);
    jf_csv_clear(&c);
}

static void test_texts(void)
{
    static const char text[] = "name,x\n\"v, \"\"w\"\"\",1\n\"two\nlines\",2\n";
    jf_text path = {0};
    jf_texts t;
    jf_text_add(&path, "%s/texts.csv", folder);
    CHECK(jf_output_write(path.data, text, strlen(text)) == GSL_SUCCESS);
    CHECK(jf_texts_read(path.data, &t) == GSL_SUCCESS);
    CHECK(t.rows == 3 && t.columns == 2);
    CHECK(jf_texts_column(&t, "x") == 1 && jf_texts_column(&t, "y") == 2);
    CHECK(strcmp(jf_texts_field(&t, 1, 0), "v, \"w\"") == 0);
    CHECK(strcmp(jf_texts_field(&t, 2, 0), "two\nlines") == 0);
    CHECK(strcmp(jf_texts_field(&t, 2, 1), "2") == 0);
    jf_texts_free(&t);
    static const char *const bad[] = {"", "# a\n", "a,b\n1\n", "a\n\"1\n"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        CHECK(jf_output_write(path.data, bad[k], strlen(bad[k])) == 0);
        hush_begin();
        int status = jf_texts_read(path.data, &t);
        CHECK(hush_end() == 1 && status == GSL_EFAILED && !t.fields);
    }
    free(path.data);
    hush_begin();
    int status = jf_texts_read("/nowhere/t.csv", &t);
    CHECK(hush_end() == 1 && status == GSL_EFAILED);
}

int main(void)
{
    jf_text command = {0};
    if (!mkdtemp(folder))
        return 1;
    test_csv();
    test_texts();
    test_output();
    test_no_files();
    test_plain_name();
    test_kept();
    test_locale();
    jf_text_add(&command, "rm -r %s", folder);
    CHECK(system(command.data) == 0);
    free(command.data);
    return check_end();
}
