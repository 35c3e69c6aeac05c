/* trial.c -- fork, and what the copy may not do: flush, or end as a program. */
#include "base/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

static _Noreturn void try_here(void (*f)(void *arg), void *arg)
{
    jf_error own = {0};
    static const int deaths[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t k = 0; k < sizeof deaths / sizeof *deaths; k++)
        signal(deaths[k], SIG_DFL); /* the process's own may write files */
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0 ||
        dup2(nowhere, STDERR_FILENO) < 0)
        _exit(1);
    jf_error_divert(&own);
    f(arg);
    _exit(0);
}

/* How f(arg) ended in a copy: 0 or an errno. */
static int wait_for(void (*f)(void *arg), void *arg, int *status)
{
    pid_t copy = fork();
    if (copy == 0)
        try_here(f, arg);
    if (copy < 0)
        return errno;
    while (waitpid(copy, status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

int jf_try_apart(void (*f)(void *arg), void *arg, int *signal)
{
    int status = 0;
    /* Who ignores the ends of its children, as what started it may have asked
     * for, never learns how they ended. */
    struct sigaction before, usual = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, NULL, &before);
    int ignores = before.sa_handler == SIG_IGN;
    *signal = 0;
    if (ignores)
        sigaction(SIGCHLD, &usual, NULL);
    int none = wait_for(f, arg, &status);
    if (ignores)
        sigaction(SIGCHLD, &before, NULL);
    if (none)
        return none;
    if (WIFSIGNALED(status))
        *signal = WTERMSIG(status);
    else if (WEXITSTATUS(status) != 0)
        *signal = SIGABRT; /* an exit that was not asked for */
    return 0;
}
