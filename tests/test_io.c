/* test_io.c -- files that appear whole, and growing texts. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "jf.h"

static char folder[] = "/tmp/jacflow-test-XXXXXX";

static char *contents(const char *name)
{
    jf_text path = {0}, all = {0};
    jf_text_add(&path, "%s/%s", folder, name);
    FILE *f = fopen(path.data, "r");
    for (int c; f && (c = getc(f)) != EOF;)
        jf_text_add(&all, "%c", c);
    if (f)
        fclose(f);
    free(path.data);
    return all.data;
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

int main(void)
{
    jf_text command = {0};
    if (!mkdtemp(folder))
        return 1;
    test_output();
    jf_text_add(&command, "rm -r %s", folder);
    CHECK(system(command.data) == 0);
    free(command.data);
    return check_end();
}
