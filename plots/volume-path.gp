# volume-path.gp -- Gradient flow of a linear flow's likelihood, $R = diag(100,
# 1)$, $W'W = diag(1, 1/4)$ at first: the loss falls throughout, $E log|det J|$
# first falls, turns at $t = 0.0419$, and rises to its end. Marks: gradient
# descent of the library; dashed: the closed form.
width = 640; height = 520
load 'plots/style.gp'

file = out.'/volume-path.csv'
set multiplot layout 2, 1
set lmargin 10
set logscale x
set xrange [1e-4:4]
set format x '10^{%T}'
set tmargin 0.8
set bmargin 0.8
set format x ''
set ylabel 'E log|det J| [nats]'
set yrange [-3.05:-0.45]
set arrow 1 from 0.04189504, graph 0 to 0.04189504, graph 1 nohead lc rgb '#999999' lw 0.8
set label 1 't = 0.0419' at 0.047, graph 0.93 font ',11'
set key off
set label 2 'marks: gradient descent' at 1.3e-4, -2.4 left
set label 3 'dashed: 1/2 log det P(t)' at 1.3e-4, -2.75 left
plot file every 4 using 't':'descent_nats' with points ls 1, \
     file using 't':'closed_form_nats' with lines ls theory
set tmargin 0.4
set bmargin 4
unset label
set format x '10^{%T}'
set xlabel 'time = steps × rate'
set ylabel '−log-likelihood [nats]'
set yrange [4:80]
set logscale y
set ytics (5, 10, 20, 50)
plot file using 't':'nll_nats' with lines ls theory notitle
unset multiplot
