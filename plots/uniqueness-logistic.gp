# uniqueness-logistic.gp -- The inversion keeps the normal law of the plane, as
# the identity does, whose $log|det J|$ is 0 everywhere. Its own has the
# standard logistic law (dashed): mean 0, as it must, and variance $pi^2 / 3$.
width = 620; height = 420
load 'plots/style.gp'

file = out.'/uniqueness-logistic.csv'
set xlabel 'log |det J_T(Z)| of the inversion [nats]'
set ylabel 'probability density [1 / nat]'
set xrange [-6:6]
set yrange [0:0.36]
set style fill solid 0.35 noborder
plot file using 'log_abs_det':'density' with boxes ls 6 title 'inversion', \
     '' using 'log_abs_det':(column('density') - 5 * column('se_density')):(0):(10 * column('se_density')) with vectors nohead lc rgb '#0072B2' lw 1.2 title '5 standard errors', \
     '' using 'log_abs_det':'logistic_density' with lines ls theory title 'logistic'
